//! What happens to one dossier of the year and when, by working hours: the usual way, what is missing, fees, extensions with an
//! apology, refusals, withdrawals, stops, and what is late. What lies in the future has not happened. Pure: chance is given.

use kernel::calendar::{TimeLimit, WorkingCalendar};
use kernel::{SignedDuration, Timestamp};

use crate::dossier::state::{Action, Capacity, Delivery, Outcome};
use crate::load::Rated;
use crate::rating::FACTORS;
use crate::scenario::life::Step;
use crate::scenario::{Chance, words};

/// From what a life follows.
pub(super) struct Begin {
    /// When it was sent or taken in.
    pub(super) start: Timestamp,
    /// An officer took it in and received it at once.
    pub(super) is_taken_in: bool,
    /// The limit that starts with reception.
    pub(super) limit: TimeLimit,
    /// A fee is named, so that it may be asked for.
    pub(super) has_fee: bool,
    /// How the result is wanted.
    pub(super) delivery: Delivery,
    /// How many of ten thousand the unit decides late.
    pub(super) late: usize,
    /// Somebody with an account filed it: she may say how it went.
    pub(super) may_rate: bool,
}

/// A life.
#[derive(Default)]
pub(super) struct Life {
    pub(super) steps: Vec<Step>,
    pub(super) rating: Option<Rated>,
}

/// What turns a life takes; each is asked once.
struct Turns {
    refused: bool,
    missing_at_desk: bool,
    missing_later: bool,
    fee: bool,
    withdrawn: bool,
    stopped: bool,
    denied: bool,
    sent_back: bool,
    extended: bool,
    late: bool,
}

impl Turns {
    fn draw(chance: &mut Chance, begin: &Begin) -> Self {
        let mut of_thousand = |share: usize| chance.below(1_000) < share;
        let (refused, withdrawn, stopped) = (of_thousand(12), of_thousand(8), of_thousand(3));
        let goes_on = !refused && !withdrawn && !stopped;
        let missing_at_desk = of_thousand(45) && !begin.is_taken_in && !refused;
        let missing_later = of_thousand(28) && !missing_at_desk && goes_on;
        Self {
            refused: refused && !begin.is_taken_in,
            missing_at_desk,
            missing_later,
            fee: begin.has_fee && of_thousand(250) && goes_on && !missing_later,
            withdrawn,
            stopped,
            denied: of_thousand(15) && goes_on,
            sent_back: of_thousand(20) && goes_on,
            extended: of_thousand(14) && goes_on,
            late: chance.below(10_000) < begin.late,
        }
    }
}

/// Days after which nobody waits for an answer or a fee any more: younger ones may be open still.
const WAITS_DAYS: i64 = 40;

/// The pen that writes a life down, step by step, until the present.
struct Pen<'a> {
    chance: &'a mut Chance,
    calendar: &'a WorkingCalendar,
    now: Timestamp,
    at: Timestamp,
    steps: Vec<Step>,
    /// The present has been reached: what follows has not happened.
    is_open: bool,
}

impl Pen<'_> {
    /// Working minutes go by.
    fn work(&mut self, minutes: i64) {
        self.at = self
            .calendar
            .add_working_time(self.at, SignedDuration::from_mins(minutes.max(1)));
    }

    /// Days go by, whatever they are.
    fn days(&mut self, least: usize, spread: usize) {
        let minutes = (least * 24 * 60) + self.chance.below(spread * 24 * 60);
        self.at += SignedDuration::from_mins(i64::try_from(minutes).unwrap_or(0).max(10));
    }

    /// Something is done now, unless now lies ahead of us.
    fn act(&mut self, action: Action, capacity: Capacity) -> Option<&mut Step> {
        if self.is_open || self.at >= self.now {
            self.is_open = true;
            return None;
        }
        let note = words::note(action, self.chance);
        self.steps.push(Step::new(action, capacity, self.at, note));
        self.steps.last_mut()
    }

    fn up_to(&mut self, most: i64) -> i64 {
        let most = usize::try_from(most.max(1)).unwrap_or(1);
        i64::try_from(self.chance.below(most)).unwrap_or(0)
    }

    /// An answer that is waited for in vain: only of late, as older ones are answered or over.
    fn in_vain(&mut self, of_hundred: usize) -> bool {
        let is_late = self.now.since(self.at) < SignedDuration::from_hours(24 * WAITS_DAYS);
        let vain = is_late && self.chance.percent(of_hundred);
        self.is_open |= vain;
        vain
    }
}

/// Draws a life that ends before `now`.
pub(super) fn draw(chance: &mut Chance, calendar: &WorkingCalendar, now: Timestamp, begin: &Begin) -> Life {
    let turns = Turns::draw(chance, begin);
    let mut pen = Pen {
        chance,
        calendar,
        now,
        at: begin.start,
        steps: Vec::with_capacity(8),
        is_open: false,
    };
    let received = reception(&mut pen, begin, &turns);
    if let Some(received) = received {
        processing(&mut pen, begin, &turns, received);
    }
    let rating = rating(&mut pen, begin, &turns);
    Life {
        steps: pen.steps,
        rating,
    }
}

/// Until the clock of the law runs; none when it never does.
fn reception(pen: &mut Pen<'_>, begin: &Begin, turns: &Turns) -> Option<Timestamp> {
    if begin.is_taken_in {
        return Some(begin.start);
    }
    let looked = match pen.chance.below(1_000) {
        0..680 => 8 + pen.up_to(150),
        680..985 => 150 + pen.up_to(300),
        // Some desks look later than within eight working hours.
        _ => 490 + pen.up_to(600),
    };
    pen.work(looked);
    if turns.refused {
        pen.act(Action::Refuse, Capacity::Desk);
        return None;
    }
    if turns.missing_at_desk {
        pen.act(Action::AskSupplement, Capacity::Desk);
        if pen.in_vain(12) {
            return None;
        }
        pen.days(0, 12);
        pen.act(Action::AnswerSupplement, Capacity::Applicant);
        let again = 5 + pen.up_to(200);
        pen.work(again);
    }
    pen.act(Action::Receive, Capacity::Desk)?;
    Some(pen.at)
}

/// From reception to the hand-over.
fn processing(pen: &mut Pen<'_>, begin: &Begin, turns: &Turns, received: Timestamp) {
    let due = pen.calendar.deadline(received, begin.limit).at;
    let whole = pen.calendar.working_time_between(received, due).as_mins().max(30);
    let share = if turns.late {
        106 + pen.up_to(70)
    } else {
        14 + pen.up_to(76)
    };
    let minutes = (whole * share / 100).max(8);
    if pen.chance.percent(30) {
        let after = 2 + pen.up_to(minutes / 10);
        pen.work(after);
        pen.act(Action::Assign, Capacity::Leader);
    } else {
        let after = 2 + pen.up_to(minutes / 6);
        pen.work(after);
        pen.act(Action::Claim, Capacity::Specialist);
    }
    let begun = pen.calendar.working_time_between(received, pen.at).as_mins();
    let left = (minutes - begun).max(4);
    if turns.withdrawn || turns.stopped {
        pen.work(left / 3);
        if turns.withdrawn {
            pen.act(Action::Withdraw, Capacity::Applicant);
        } else {
            pen.act(Action::Stop, Capacity::Leader);
        }
        pen.is_open = true;
        return;
    }
    let left = interruptions(pen, turns, left);
    let left = extension(pen, turns, left, due);
    decision(pen, turns, left);
    handing_over(pen, begin);
}

/// What stops the clock: papers that are missing, a fee. Gives the working minutes that are left.
fn interruptions(pen: &mut Pen<'_>, turns: &Turns, left: i64) -> i64 {
    if turns.missing_later {
        pen.work(left / 4);
        pen.act(Action::AskSupplement, Capacity::Specialist);
        if !pen.in_vain(15) {
            pen.days(1, 14);
            pen.act(Action::AnswerSupplement, Capacity::Applicant);
        }
        return left - left / 4;
    }
    if turns.fee {
        pen.work(left / 5);
        pen.act(Action::AskFee, Capacity::Specialist);
        if !pen.in_vain(8) {
            pen.days(0, 4);
            pen.work(1);
            pen.act(Action::ConfirmFee, Capacity::Desk);
        }
        return left - left / 5;
    }
    left
}

/// A new date with an apology, asked for before the old one has passed; then the work takes up to it.
fn extension(pen: &mut Pen<'_>, turns: &Turns, left: i64, due: Timestamp) -> i64 {
    let rushed = turns.late && pen.chance.percent(35);
    if !turns.extended && !rushed {
        return left;
    }
    let until = pen.calendar.working_time_between(pen.at, due).as_mins();
    if until < 40 || pen.is_open {
        return left;
    }
    pen.work(until * 8 / 10);
    let days = u32::try_from(1 + pen.chance.below(5)).unwrap_or(1);
    if let Some(step) = pen.act(Action::Extend, Capacity::Leader) {
        step.limit = Some(TimeLimit::WorkingDays(days));
    }
    until * 2 / 10 + pen.up_to(i64::from(days) * 400)
}

fn decision(pen: &mut Pen<'_>, turns: &Turns, left: i64) {
    let outcome = if turns.denied {
        Outcome::Denied
    } else {
        Outcome::Granted
    };
    let propose = |pen: &mut Pen<'_>| {
        if let Some(step) = pen.act(Action::Propose, Capacity::Specialist) {
            step.outcome = outcome;
        }
    };
    let signs = (left / 6).max(1);
    if turns.sent_back {
        pen.work((left - signs) * 6 / 10);
        propose(pen);
        pen.work(signs / 2);
        pen.act(Action::SendBack, Capacity::Leader);
        pen.work((left - signs) * 3 / 10);
    } else {
        pen.work(left - signs);
    }
    propose(pen);
    pen.work(signs);
    if let Some(step) = pen.act(Action::Approve, Capacity::Leader) {
        step.outcome = outcome;
    }
}

fn handing_over(pen: &mut Pen<'_>, begin: &Begin) {
    let after = match (begin.delivery, pen.chance.below(100)) {
        (Delivery::Post, _) => 240 + pen.up_to(1_400),
        (_, 0..62) => 15 + pen.up_to(600),
        (_, 62..92) => 600 + pen.up_to(2_400),
        (_, 92..99) => 3_000 + pen.up_to(6_000),
        // Some results lie at the desk for good.
        _ => 90_000,
    };
    pen.work(after);
    if let Some(step) = pen.act(Action::Return, Capacity::Desk) {
        step.delivery = Some(begin.delivery);
    }
}

/// Of those who have their result and an account, some say how it went.
fn rating(pen: &mut Pen<'_>, begin: &Begin, turns: &Turns) -> Option<Rated> {
    let is_returned = pen.steps.last().is_some_and(|step| step.action == Action::Return);
    if !is_returned || !begin.may_rate || !pen.chance.percent(18) {
        return None;
    }
    let minutes = 30 + pen.up_to(4 * 24 * 60);
    let at = pen.at + SignedDuration::from_mins(minutes);
    if at >= pen.now {
        return None;
    }
    let sour = turns.late || turns.denied || begin.late > 200;
    let scores = FACTORS.list.iter().map(|factor| {
        let score = match pen.chance.below(100) {
            0..3 => 1,
            3..7 => 2,
            7..16 => 3,
            16..52 => 4,
            _ => 5,
        };
        let less = i64::from(sour && pen.chance.percent(45));
        (factor.id.clone(), (score - less).max(1))
    });
    let mut scores: Vec<(String, i64)> = scores.collect();
    scores.sort();
    Some(Rated { at, scores })
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::calendar::{CalendarData, OfficeHours};

    #[test]
    fn lives_go_forward_and_end_before_the_present() {
        let calendar = WorkingCalendar::new(&CalendarData::built_in(), OfficeHours::plain());
        let now = Timestamp::from_local(jiff::civil::date(2026, 11, 20).at(10, 0, 0, 0));
        let mut chance = Chance::new(11);
        let mut seen = std::collections::BTreeSet::new();
        for at in 0..4_000_i64 {
            let begin = Begin {
                start: now - SignedDuration::from_mins(at * 90 + 1),
                is_taken_in: at % 4 == 0,
                limit: [
                    TimeLimit::WorkingDays(3),
                    TimeLimit::WorkingDays(0),
                    TimeLimit::Days(15),
                ][at as usize % 3],
                has_fee: at % 2 == 0,
                delivery: if at % 5 == 0 { Delivery::Post } else { Delivery::PickUp },
                late: 60,
                may_rate: at % 4 != 0,
            };
            let life = draw(&mut chance, &calendar, now, &begin);
            let mut before = begin.start;
            for step in &life.steps {
                assert!(step.at >= before && step.at < now, "{:?} at {}", step.action, step.at);
                before = step.at;
                seen.insert(step.action.word());
            }
            if let Some(rating) = life.rating {
                assert!(rating.at < now && rating.scores.len() == FACTORS.list.len());
            }
        }
        for action in [
            Action::Refuse,
            Action::Extend,
            Action::Withdraw,
            Action::Stop,
            Action::ConfirmFee,
            Action::SendBack,
        ] {
            assert!(seen.contains(action.word()), "{action} never happens");
        }
    }
}
