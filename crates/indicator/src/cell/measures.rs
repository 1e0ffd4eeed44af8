//! What a cell counts and sums, as whole numbers that can be added and taken away. Every figure is made of these and of
//! nothing else; what each fact adds is said here once in Rust and once in SQL (`store.rs`), and `checks` holds one to the other.

use crate::cause::PutTo;
use crate::fact::{Channel, Ending, Fact};

macro_rules! measures {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// Counts and sums of facts.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct Measures { $($(#[$meta])* pub $name: i64),+ }

        impl Measures {
            /// The numbers, in the order of the columns.
            pub(crate) fn all(&self) -> Vec<i64> {
                vec![$(self.$name),+]
            }

            /// From the numbers in the order of the columns.
            pub(crate) fn from_all(mut next: impl FnMut() -> Result<i64, ::store::StoreError>) -> Result<Self, ::store::StoreError> {
                Ok(Self { $($name: next()?),+ })
            }
        }

        impl std::ops::AddAssign for Measures {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)+
            }
        }

        impl std::ops::SubAssign for Measures {
            fn sub_assign(&mut self, other: Self) {
                $(self.$name -= other.$name;)+
            }
        }
    };
}

measures! {
    /// How many facts are in it: a cell without any is no cell.
    entries,
    /// Dossiers filed.
    filed,
    /// Of these, typed by the applicant alone.
    self_filed,
    /// Of these, typed with help.
    assisted,
    /// Of these, typed by an officer, from the desk or the post.
    on_behalf,
    /// Dossiers received.
    received,
    /// Of these, later than eight working hours.
    late_receipts,
    /// Dossiers decided that had a due date.
    decided,
    /// Of these, on a day before the due day.
    early,
    /// Of these, after the due date.
    late,
    /// Dossiers ended, late here or at the national portal, of which that is put down to a person.
    late_person,
    /// The same, put down to a system.
    late_system,
    /// Working minutes of these.
    worked_minutes,
    /// Requests for more of these.
    requests,
    /// Of these, without any request for more.
    clean,
    /// Of these, extended.
    extended,
    /// Dossiers decided that had no due date.
    undue,
    /// Dossiers not received.
    refused,
    /// Dossiers stopped.
    stopped,
    /// Dossiers taken back.
    withdrawn,
    /// Dossiers decided or stopped that had a due date (QĐ 766, 2.1).
    ended_due,
    /// Of these, in time and asked for more at most once.
    kept_due,
    /// Dossiers decided whose result lies there as a file or a paper with a code.
    with_result,
    /// Dossiers decided of which a component lies there as a file.
    with_papers,
    /// Dossiers decided of which a fee was asked.
    owing,
    /// Of these, paid by transfer.
    paid_online,
}

impl std::ops::Add for Measures {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl std::iter::Sum for Measures {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::default(), |sum, one| sum + one)
    }
}

impl Measures {
    pub(crate) fn of_filing(fact: &Fact) -> Self {
        Self {
            entries: 1,
            filed: 1,
            self_filed: i64::from(fact.channel == Channel::SelfFiled),
            assisted: i64::from(fact.channel == Channel::Assisted),
            on_behalf: i64::from(matches!(fact.channel, Channel::Officer | Channel::Post)),
            ..Self::default()
        }
    }

    pub(crate) fn of_receipt(fact: &Fact) -> Self {
        Self {
            entries: 1,
            received: 1,
            late_receipts: i64::from(fact.is_late_receipt),
            ..Self::default()
        }
    }

    pub(crate) fn of_end(fact: &Fact, ending: Ending) -> Self {
        let mut sum = Self {
            entries: 1,
            refused: i64::from(ending == Ending::Refused),
            stopped: i64::from(ending == Ending::Stopped),
            withdrawn: i64::from(ending == Ending::Withdrawn),
            late_person: i64::from(fact.attributed == Some(PutTo::Person)),
            late_system: i64::from(fact.attributed == Some(PutTo::System)),
            ..Self::default()
        };
        if fact.is_counted {
            sum.decided = 1;
            sum.early = i64::from(fact.is_early);
            sum.late = i64::from(fact.is_late);
            sum.worked_minutes = fact.worked_minutes;
            sum.requests = fact.requests;
            sum.clean = i64::from(fact.requests == 0);
            sum.extended = i64::from(fact.extensions > 0);
        }
        if ending == Ending::Decided {
            sum.undue = i64::from(!fact.is_counted);
            sum.with_result = i64::from(fact.has_result);
            sum.with_papers = i64::from(fact.has_papers);
            sum.owing = i64::from(fact.owes);
            sum.paid_online = i64::from(fact.owes && fact.paid_online);
        }
        if fact.due_at.is_some() && matches!(ending, Ending::Decided | Ending::Stopped) {
            sum.ended_due = 1;
            sum.kept_due = i64::from(!fact.is_late && fact.requests <= 1);
        }
        sum
    }

    /// Nothing is counted in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
