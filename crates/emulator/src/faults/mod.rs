//! What can go wrong on purpose, each by itself and in named profiles. These are switches only:
//! who asks the dice and what follows stands where the fault strikes (`graph`, `world`,
//! `webhook`).

mod dice;

pub(crate) use dice::Dice;

use serde::{Deserialize, Serialize};

/// How often something goes wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fault {
    /// Of 100 occasions, how many are struck. 0 is never.
    pub percent: u8,
    /// How many more may be struck; `null` is without end. Counts down as they strike.
    pub limit: Option<u32>,
    /// How long, where the fault is a wait.
    pub ms: u32,
}

impl Fault {
    /// Strikes `percent` of all occasions.
    #[must_use]
    pub fn often(percent: u8) -> Self {
        Self {
            percent,
            ..Self::default()
        }
    }

    /// Strikes the next `count` occasions and then never again.
    #[must_use]
    pub fn next(count: u32) -> Self {
        Self {
            percent: 100,
            limit: Some(count),
            ms: 0,
        }
    }

    /// The same, waiting `ms`.
    #[must_use]
    pub fn lasting_ms(self, ms: u32) -> Self {
        Self { ms, ..self }
    }

    pub(crate) fn strikes(&mut self, dice: &mut Dice) -> bool {
        // Rolled even when it cannot strike, so that a spent limit does not shift later rolls.
        let hit = dice.percent(self.percent);
        match &mut self.limit {
            Some(0) => false,
            Some(left) if hit => {
                *left -= 1;
                true
            }
            _ => hit,
        }
    }
}

/// Every switch. The default is a faultless world.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// The message is accepted, then the connection closes before an answer.
    pub lost_answer: Fault,
    /// The connection closes before the message is accepted; it looks the same from outside.
    pub lost_request: Fault,
    /// Refused with HTTP 500 and code 131000.
    pub server_error: Fault,
    /// Accepted, but answered with a bare 502 that is not JSON.
    pub bad_gateway: Fault,
    /// The message lies `ms` before it is looked at.
    pub slow_answer: Fault,
    /// The message is accepted at once, the answer comes `ms` later.
    pub late_answer: Fault,
    /// The answer waits until the product has taken the `sent` status.
    pub status_before_answer: Fault,
    /// An accepted message fails after `sent`, with 131000 in a `failed` status.
    pub late_failure: Fault,
    /// `read` comes without `delivered`.
    pub skipped_delivered: Fault,
    /// A file comes `ms` later.
    pub slow_file: Fault,
    /// A file is answered with HTTP 500.
    pub lost_file: Fault,
    /// An update is posted `copies` more times within `ms`, overlapping.
    pub duplicate: Fault,
    /// See `duplicate`.
    pub copies: u16,
    /// An update is held back for up to `ms`, so that later ones overtake it.
    pub reorder: Fault,
    /// Updates of one chat are posted at the same time instead of one after another.
    pub overlap: bool,
    /// The most updates in one POST; Meta's maximum is 1,000.
    pub batch: u16,
    /// How long updates are gathered for a batch.
    pub batch_ms: u32,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            lost_answer: Fault::default(),
            lost_request: Fault::default(),
            server_error: Fault::default(),
            bad_gateway: Fault::default(),
            slow_answer: Fault::default(),
            late_answer: Fault::default(),
            status_before_answer: Fault::default(),
            late_failure: Fault::default(),
            skipped_delivered: Fault::default(),
            slow_file: Fault::default(),
            lost_file: Fault::default(),
            duplicate: Fault::default(),
            copies: 1,
            reorder: Fault::default(),
            overlap: false,
            batch: 1,
            batch_ms: 0,
        }
    }
}

/// Named sets of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub enum Profile {
    /// Nothing goes wrong.
    None,
    LostAnswers,
    ServerErrors,
    /// Each call waits 2 s.
    SlowAnswers,
    /// Answers come 15 s late, beyond a sensible client's patience.
    LateAnswers,
    DuplicateStorm,
    StatusReorder,
    StatusBeforeAnswer,
    /// Up to 1,000 updates in one POST.
    Batches,
    /// A little of everything.
    Chaos,
}

impl Profile {
    /// The switches of this profile.
    #[must_use]
    pub fn faults(self) -> Faults {
        let calm = Faults::default();
        match self {
            Self::None => calm,
            Self::LostAnswers => Faults {
                lost_answer: Fault::often(30),
                ..calm
            },
            Self::ServerErrors => Faults {
                server_error: Fault::often(30),
                bad_gateway: Fault::often(10),
                ..calm
            },
            Self::SlowAnswers => Faults {
                slow_answer: Fault::often(100).lasting_ms(2_000),
                ..calm
            },
            Self::LateAnswers => Faults {
                late_answer: Fault::often(100).lasting_ms(15_000),
                ..calm
            },
            Self::DuplicateStorm => Faults {
                duplicate: Fault::often(100).lasting_ms(500),
                copies: 4,
                overlap: true,
                ..calm
            },
            Self::StatusReorder => Faults {
                reorder: Fault::often(60).lasting_ms(800),
                skipped_delivered: Fault::often(20),
                overlap: true,
                ..calm
            },
            Self::StatusBeforeAnswer => Faults {
                status_before_answer: Fault::often(100),
                ..calm
            },
            Self::Batches => Faults {
                batch: 1_000,
                batch_ms: 300,
                ..calm
            },
            Self::Chaos => Faults {
                slow_file: Fault::often(10).lasting_ms(700),
                lost_file: Fault::often(5),
                lost_answer: Fault::often(5),
                lost_request: Fault::often(3),
                server_error: Fault::often(5),
                bad_gateway: Fault::often(2),
                slow_answer: Fault::often(10).lasting_ms(700),
                late_answer: Fault::often(3).lasting_ms(15_000),
                status_before_answer: Fault::often(10),
                late_failure: Fault::often(2),
                skipped_delivered: Fault::often(10),
                duplicate: Fault::often(20).lasting_ms(1_000),
                copies: 2,
                reorder: Fault::often(30).lasting_ms(1_000),
                overlap: true,
                batch: 20,
                batch_ms: 50,
            },
        }
    }
}
