//! The shape of a file: its header, and how much it holds.

use proc_macro2::Ident;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, FnArg, Generics, Signature, Visibility};

use crate::rule::Offence;
use crate::source::{Role, Source};

const HEADER_COLUMNS_MAX: usize = 90;
const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 60;
const ARGUMENTS_MAX: usize = 5;
const TYPE_PARAMETERS_MAX: usize = 2;

pub(crate) fn header(source: &Source) -> Vec<Offence> {
    let first = source.text.lines().next().unwrap_or_default();
    let columns = first.chars().count();
    let what = match first.strip_prefix("//! ") {
        None => "does not open with a `//! ` header".into(),
        Some(said) if !said.starts_with(|c: char| c.is_alphanumeric() || "`[*".contains(c)) => {
            "the header does not begin with the responsibility".into()
        }
        Some(said) if !said.ends_with('.') => "the first line does not end with a full stop".into(),
        Some(_) if columns > HEADER_COLUMNS_MAX => format!("the first line has {columns} columns"),
        Some(_) => return Vec::new(),
    };
    vec![Offence::new(&source.path, 1, what)]
}

pub(crate) fn file_length(source: &Source) -> Vec<Offence> {
    let lines = (1..=source.text.lines().count()).filter(|line| !source.is_test(*line)).count();
    if source.role != Role::Library || lines <= FILE_LINES_MAX {
        return Vec::new();
    }
    let what = format!("{lines} lines without tests, the limit is {FILE_LINES_MAX}");
    vec![Offence::new(&source.path, FILE_LINES_MAX + 1, what)]
}

pub(crate) fn function_length(source: &Source) -> Vec<Offence> {
    too_many(source, "lines", FUNCTION_LINES_MAX, |function| function.lines)
}

pub(crate) fn arguments(source: &Source) -> Vec<Offence> {
    too_many(source, "arguments", ARGUMENTS_MAX, |function| function.arguments)
}

pub(crate) fn type_parameters(source: &Source) -> Vec<Offence> {
    let mut types = PublicTypes(Vec::new());
    types.visit_file(&source.syntax);
    types.0.retain(|(line, _)| source.is_library(*line));
    types.0.into_iter().map(|(line, what)| Offence::new(&source.path, line, what)).collect()
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
    arguments: usize,
}

fn too_many(source: &Source, unit: &str, max: usize, count: fn(&Function) -> usize) -> Vec<Offence> {
    let found = functions(source).into_iter().filter(|function| count(function) > max).map(|function| {
        let what = format!("`{}` has {} {unit}, the limit is {max}", function.name, count(&function));
        Offence::new(&source.path, function.line, what)
    });
    found.collect()
}

fn functions(source: &Source) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(&source.syntax);
    functions.0
}

struct Functions(Vec<Function>);

impl Functions {
    fn see(&mut self, signature: &Signature, body: Option<&Block>) {
        let line = signature.span().start().line;
        let end = body.map_or_else(|| signature.span(), Spanned::span).end().line;
        let arguments = signature.inputs.iter().filter(|input| matches!(input, FnArg::Typed(_))).count();
        self.0.push(Function { name: signature.ident.to_string(), line, lines: end - line + 1, arguments });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.see(&item.sig, Some(&item.block));
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.see(&item.sig, Some(&item.block));
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.see(&item.sig, item.default.as_ref());
        visit::visit_trait_item_fn(self, item);
    }
}

/// Those with too many type parameters: the line, and what to say about it.
struct PublicTypes(Vec<(usize, String)>);

impl PublicTypes {
    fn see(&mut self, visibility: &Visibility, name: &Ident, generics: &Generics) {
        let parameters = generics.type_params().count();
        if matches!(visibility, Visibility::Public(_)) && parameters > TYPE_PARAMETERS_MAX {
            let what =
                format!("`{name}` has {parameters} type parameters, the limit is {TYPE_PARAMETERS_MAX}");
            self.0.push((name.span().start().line, what));
        }
    }
}

impl Visit<'_> for PublicTypes {
    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        self.see(&item.vis, &item.ident, &item.generics);
    }

    fn visit_item_enum(&mut self, item: &syn::ItemEnum) {
        self.see(&item.vis, &item.ident, &item.generics);
    }

    fn visit_item_trait(&mut self, item: &syn::ItemTrait) {
        self.see(&item.vis, &item.ident, &item.generics);
    }

    fn visit_item_type(&mut self, item: &syn::ItemType) {
        self.see(&item.vis, &item.ident, &item.generics);
    }
}
