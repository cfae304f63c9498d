//! What every journal must do, in memory.

use casty_core::journal::MemoryJournal;
use casty_journal_conformance::journal_passes;

journal_passes!(memory: MemoryJournal::new());
