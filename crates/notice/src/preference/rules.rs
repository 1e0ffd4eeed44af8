//! What a form of wishes means. Owns which channels are on without asking: those that cost nothing or little.
//! Refuses to switch off the pages: they are no channel.

use crate::channel::Channel;

/// Browsers of one account.
pub const DEVICES_MAX: usize = 10;

/// Channels that go without being asked for.
#[must_use]
pub(super) const fn is_usual(channel: Channel) -> bool {
    matches!(channel, Channel::Email | Channel::Sms | Channel::Zalo | Channel::Push)
}

/// The channels switched off and on, from those that are offered and those that are ticked.
#[must_use]
pub(super) fn wishes(offered: &[Channel], ticked: &[Channel]) -> (Vec<Channel>, Vec<Channel>) {
    let off = offered
        .iter()
        .copied()
        .filter(|channel| is_usual(*channel) && !ticked.contains(channel))
        .collect();
    let on = ticked
        .iter()
        .copied()
        .filter(|channel| offered.contains(channel))
        .collect();
    (off, on)
}

/// Which boxes are ticked.
#[must_use]
pub(super) fn ticked(offered: &[Channel], off: &[Channel], on: &[Channel]) -> Vec<Channel> {
    let is_ticked = |channel: &Channel| {
        if is_usual(*channel) {
            !off.contains(channel)
        } else {
            on.contains(channel)
        }
    };
    offered.iter().copied().filter(is_ticked).collect()
}
