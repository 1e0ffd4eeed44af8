//! The faults of a simulated line, drawn from a seed: what happens to each request and to each answer, and when the portal is
//! out. The same seed gives the same faults in the same order of requests.
//! Refuses chance of its own: a die from a seed decides.

use kernel::{SignedDuration, Timestamp};

use kernel::words;

words! {
    /// One kind of fault.
    Fault {
        /// Requests or answers are lost.
        Lost = "lost",
        /// Requests arrive twice.
        Doubled = "doubled",
        /// Requests overtake one another.
        Reordered = "reordered",
        /// Requests arrive late.
        Delayed = "delayed",
        /// It says yes to what it did not take, or no to what it took.
        WrongAnswer = "wrong-answer",
        /// It answers with a page, with half a JSON, with JSON that says nothing.
        Garbled = "garbled",
        /// Its clock is wrong.
        Skew = "skew",
        /// It is not there for a while.
        Outage = "outage",
    }
}

/// A die from a seed (SplitMix64).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// A die.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// The next number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 up to before `below`.
    pub fn below(&mut self, below: u64) -> u64 {
        self.roll() % below.max(1)
    }

    /// True in `permille` of a thousand cases.
    pub fn permille(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// A byte.
    pub fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap_or(0)
    }
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What happens to a request on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestFate {
    /// It never arrives.
    Lost,
    /// It arrives after this time.
    Arrives(SignedDuration),
    /// It arrives twice.
    Twice(SignedDuration, SignedDuration),
}

/// What happens to the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerFate {
    /// It comes as it is.
    Plain,
    /// It is lost.
    Lost,
    /// A page comes instead.
    Html,
    /// Its first half comes.
    Half,
    /// JSON that says nothing.
    Strange,
    /// It says yes, and nothing was taken.
    FalseYes,
    /// It says no, and everything was taken.
    FalseNo,
}

/// What happens to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// The request.
    pub request: RequestFate,
    /// The answer.
    pub answer: AnswerFate,
}

/// Length of a stretch of time in which the portal is there or not.
const STRETCH: SignedDuration = SignedDuration::from_secs(15);
/// One in so many stretches is an outage.
const OUTAGE_ONE_IN: u64 = 6;
/// Usual time on the way.
const USUAL: SignedDuration = SignedDuration::from_millis(20);

/// The faults of one run.
#[derive(Debug, Clone)]
pub struct Plan {
    seed: u64,
    dice: Dice,
    faults: Vec<Fault>,
    permille: u64,
    delay_max: SignedDuration,
}

impl Plan {
    /// Faults from a seed; `permille` is how often each kind strikes, `delay_max` the longest time on the way.
    #[must_use]
    pub fn new(seed: u64, faults: &[Fault], permille: u64, delay_max: SignedDuration) -> Self {
        Self {
            seed,
            dice: Dice::new(seed),
            faults: faults.to_vec(),
            permille,
            delay_max,
        }
    }

    fn strikes(&mut self, fault: Fault) -> bool {
        self.faults.contains(&fault) && self.dice.permille(self.permille)
    }

    fn delay(&mut self) -> SignedDuration {
        let most = u64::try_from(self.delay_max.as_millis()).unwrap_or(0);
        SignedDuration::from_millis(i64::try_from(self.dice.below(most.max(1))).unwrap_or(0))
    }

    /// What happens to the next exchange.
    pub fn draw(&mut self) -> Fate {
        let mut way = USUAL;
        if self.strikes(Fault::Delayed) {
            way += self.delay();
        }
        if self.strikes(Fault::Reordered) {
            way += self.delay() / 4;
        }
        let way = way.min(self.delay_max);
        let lost = self.strikes(Fault::Lost);
        let twice = self.strikes(Fault::Doubled);
        let request = match (lost, twice) {
            (true, _) => RequestFate::Lost,
            (false, true) => RequestFate::Twice(way, self.delay()),
            (false, false) => RequestFate::Arrives(way),
        };
        Fate {
            request,
            answer: self.answer(),
        }
    }

    fn answer(&mut self) -> AnswerFate {
        if self.strikes(Fault::Lost) {
            return AnswerFate::Lost;
        }
        if self.strikes(Fault::Garbled) {
            return match self.dice.below(3) {
                0 => AnswerFate::Html,
                1 => AnswerFate::Half,
                _ => AnswerFate::Strange,
            };
        }
        if self.strikes(Fault::WrongAnswer) {
            return if self.dice.below(2) == 0 {
                AnswerFate::FalseYes
            } else {
                AnswerFate::FalseNo
            };
        }
        AnswerFate::Plain
    }

    /// Whether the portal is out at `now`.
    #[must_use]
    pub fn is_out(&self, now: Timestamp) -> bool {
        let micros = u64::try_from(now.as_micros()).unwrap_or(0);
        let stretch = micros / u64::try_from(STRETCH.as_micros()).unwrap_or(1).max(1);
        self.faults.contains(&Fault::Outage) && mix(self.seed ^ mix(stretch)).is_multiple_of(OUTAGE_ONE_IN)
    }

    /// How wrong the portal's clock is: up to two hours either way.
    #[must_use]
    pub fn skew(&self) -> SignedDuration {
        if !self.faults.contains(&Fault::Skew) {
            return SignedDuration::ZERO;
        }
        let seconds = i64::try_from(mix(self.seed ^ 0x51_4E) % 14_400).unwrap_or(0);
        SignedDuration::from_secs(seconds - 7_200)
    }

    /// No fault strikes any more; the clock stays as wrong as it is.
    pub fn end(&mut self) {
        self.faults.retain(|fault| *fault == Fault::Skew);
    }
}
