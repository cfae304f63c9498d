//! The handshake: who is there, do they know the secret, where do streams go on.
//!
//! ```text
//! dialer                                   acceptor
//!   Hello ──────────────────────────────────▶  judges it
//!   judges it  ◀──────────────────── Hello, Proof
//!   Proof, Resume ──────────────────────────▶  judges the proof
//!   live  ◀────────────────────────────── Resume, live
//! ```
//!
//! A proof is an HMAC (RFC 2104) by the secret over the role and both hellos, each of which has a nonce: it cannot be used
//! again, nor turned back against who made it. The secret itself is never sent. The acceptor proves first: a stranger who
//! calls can try guesses of the secret against that, so it has to be one that cannot be guessed.

use alloc::vec::Vec;

use super::hello::{Greeting, Hello, MAGIC, Refusal};
use super::secret::Secret;
use crate::path::check_name;

/// One side of a handshake.
pub(crate) struct Handshake {
    role: Role,
    me: Hello,
    secret: Option<Secret>,
    /// The peer speaks this language.
    greeted: bool,
    peer: Option<Hello>,
    /// Its hello as it was said.
    heard: Vec<u8>,
    proved: bool,
    /// What is to be sent.
    output: Vec<u8>,
    /// Of what this side says, the peer has had this much.
    resume: Option<u64>,
    /// This side has said its resume.
    resumed: bool,
}

/// Who began.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    Dialer,
    Acceptor,
}

impl Handshake {
    pub(crate) fn new(role: Role, me: Hello, secret: Option<Secret>) -> Self {
        let mut output = Vec::new();
        output.extend_from_slice(&MAGIC);
        if role == Role::Dialer {
            Greeting::Hello(me.clone()).write(&mut output);
        }
        Self {
            role,
            me,
            secret,
            greeted: false,
            peer: None,
            heard: Vec::new(),
            proved: false,
            output,
            resume: None,
            resumed: false,
        }
    }

    /// Hears what stands at the beginning of `bytes`; says how many of them it has taken.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut taken = 0;
        if !self.greeted {
            let said = &bytes[..bytes.len().min(MAGIC.len())];
            if !MAGIC.starts_with(said) {
                return Err(Refusal::Garbage);
            }
            if said.len() < MAGIC.len() {
                return Ok(0);
            }
            (self.greeted, taken) = (true, MAGIC.len());
        }
        while !self.is_done()
            && let Some((greeting, length)) = Greeting::read(&bytes[taken..])?
        {
            self.take(greeting, &bytes[taken..taken + length])?;
            taken += length;
        }
        Ok(taken)
    }

    fn take(&mut self, greeting: Greeting, said: &[u8]) -> Result<(), Refusal> {
        match greeting {
            Greeting::Hello(hello) if self.peer.is_none() => {
                self.judge(&hello)?;
                self.peer = Some(hello);
                self.heard = Vec::from(said);
                if self.role == Role::Acceptor {
                    Greeting::Hello(self.me.clone()).write(&mut self.output);
                    self.prove();
                }
                Ok(())
            }
            Greeting::Proof(proof) if self.peer.is_some() && !self.proved => {
                let other = if self.role == Role::Dialer { Role::Acceptor } else { Role::Dialer };
                let good = match &self.secret {
                    Some(secret) => secret.verify(&self.transcript(other), &proof),
                    None => proof == [0; 32],
                };
                self.proved = good;
                if good { Ok(()) } else { Err(Refusal::Secret) }
            }
            Greeting::Resume(had) if self.proved && self.resume.is_none() => {
                self.resume = Some(had);
                Ok(())
            }
            Greeting::Refused(refusal) => Err(refusal),
            Greeting::Hello(_) | Greeting::Proof(_) | Greeting::Resume(_) => Err(Refusal::Garbage),
        }
    }

    fn judge(&self, hello: &Hello) -> Result<(), Refusal> {
        if hello.secret != self.secret.is_some() {
            return Err(Refusal::Secret);
        }
        if hello.cluster != self.me.cluster {
            return Err(Refusal::Cluster { theirs: hello.cluster.clone() });
        }
        // It stands in paths and in what people read.
        if check_name(&hello.node).is_err() {
            return Err(Refusal::Name);
        }
        if hello.node == self.me.node {
            return Err(Refusal::SameName);
        }
        hello.terms.is_read_by(&hello.node, &self.me.terms)?;
        self.me.terms.is_read_by(&self.me.node, &hello.terms)
    }

    fn prove(&mut self) {
        let transcript = self.transcript(self.role);
        let proof = self.secret.as_ref().map_or([0; 32], |secret| secret.prove(&transcript));
        Greeting::Proof(proof).write(&mut self.output);
    }

    /// What a proof of that role is about.
    fn transcript(&self, role: Role) -> Vec<u8> {
        let mut transcript = Vec::from([role as u8]);
        let mut mine = Vec::new();
        Greeting::Hello(self.me.clone()).write(&mut mine);
        let hellos = if self.role == Role::Dialer { [&mine, &self.heard] } else { [&self.heard, &mine] };
        hellos.into_iter().for_each(|hello| transcript.extend_from_slice(hello));
        transcript
    }

    /// Who the peer has proved to be: the time to find out how much of its stream has been had.
    pub(crate) const fn identified(&self) -> Option<&Hello> {
        if self.proved { self.peer.as_ref() } else { None }
    }

    /// Says how much of the peer's stream has been had: after that this side is bound.
    pub(crate) fn resume(&mut self, had: u64) {
        if self.resumed {
            return;
        }
        if self.role == Role::Dialer {
            self.prove();
        }
        Greeting::Resume(had).write(&mut self.output);
        self.resumed = true;
    }

    /// Says no, and why. Who has said its resume may be taken for live already, and only falls silent.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        if !self.resumed {
            Greeting::Refused(refusal).write(&mut self.output);
        }
    }

    /// What is to be sent.
    pub(crate) const fn output(&mut self) -> &mut Vec<u8> {
        &mut self.output
    }

    /// How much of this side's stream the peer has had, when all is said.
    pub(crate) const fn done(&self) -> Option<u64> {
        if self.resumed { self.resume } else { None }
    }

    const fn is_done(&self) -> bool {
        self.resume.is_some()
    }
}

#[cfg(test)]
mod tests;
