# Channels of notices: settings, states of delivery, letters.

notice-channel-email = E-mail
notice-channel-sms = SMS
notice-channel-zalo = Zalo
notice-channel-push = Browser notification
notice-channel-letter = Letter
notice-lang-vi = Tiếng Việt
notice-lang-en = English

notice-state-queued = Waiting
notice-state-sending = Being sent
notice-state-sent = Sent
notice-state-delivered = Delivered
notice-state-failed = Not delivered
notice-state-refused = Refused
notice-state-skipped = Left out

notice-reason-stale = Waited too long to be worth sending
notice-reason-unwanted = The recipient does not want this channel
notice-reason-no-address = There is no address for this channel
notice-reason-no-template = Zalo has approved no template yet
notice-reason-others-first = Another channel tells it; sent only if that one fails
notice-reason-refused = The server refused it
notice-reason-tries = Tried as often as it is worth
notice-reason-unknown = Nobody knows whether it was sent; not repeated, so that it does not come twice
notice-reason-words = The template cannot be put into words
notice-reason-reported = The provider reports that it did not arrive
notice-reason-devices-gone = No browser listens any more
notice-reason-deceased = The recipient has died; the family is left in peace

notice-mail-next = What happens next
notice-mail-look = More is at:
notice-mail-foot = This message was sent automatically; please do not reply. We never ask for passwords or codes, and never send links by SMS or Zalo.
notice-mail-settings = Change how you are told:

notice-settings-title = How you are told
notice-settings-words = News is always on these pages. Here you choose where else it reaches you.
notice-settings-lang = Language of messages
notice-settings-channels = Tell me by
notice-settings-channels-hint = SMS and Zalo carry the code of the dossier and what to do, no name and no contents, and never a link.
notice-settings-email = E-mail for news
notice-settings-email-hint = Empty: the address you gave in the dossier.
notice-settings-phone = Telephone for news
notice-settings-phone-hint = Empty: the number you gave in the dossier.
notice-settings-save = Save
settings-notice-saved = Your choice is saved.

notice-push-title = Notifications in this browser
notice-push-words = The browser shows the code of the dossier and what to do, even when this page is closed.
notice-push-since = A browser listens since { $at }
notice-push-remove = Stop
notice-push-needs-script = Browser notifications need JavaScript.
notice-push-listen = Turn on in this browser
notice-push-refused = The browser does not allow notifications. You can change that in its settings.
push-notice-listening = This browser will show notifications.
push-notice-removed = That browser shows no more notifications.

notice-nav-admin = Sending of notices
    .about = Channels, and what could not be sent and why
notice-admin-title = Sending of notices
notice-admin-lines = Channels, the last seven days
notice-admin-caption = Deliveries, newest first
notice-admin-empty = There are no deliveries.
notice-admin-no-channel = No channel is set up. People see news on the pages only. See docs/notices.md.
notice-admin-at = At
notice-admin-channel = Channel
notice-admin-kind = Message
notice-admin-state = State
notice-admin-tries = Tries
notice-admin-cost = Cost today
notice-admin-cost-of = { $spent } of { $most }
notice-admin-how = How it fares
notice-admin-fine = Fine
notice-admin-down = Down
notice-admin-down-until = next try at { $at }
notice-admin-capped = Today's cap is reached
notice-admin-retry = Send again
sending-notice-retried = The delivery waits for its turn again.

notice-nav-letters = Letters
notice-letter-title = Letters to print
notice-letter-words = News that reached nobody by another channel, or was wanted on paper. Opening a letter shows a person's address, and that is recorded.
notice-letter-caption = Letters to print, oldest first
notice-letter-empty = There is no letter to print.
notice-letter-code = Dossier
notice-letter-what = What it says
notice-letter-at = At
notice-letter-no-address = There is no postal address. Telephone, or hand the letter over at the counter.
notice-letter-print = Print this page, post it, then press the button below.
notice-letter-posted = This letter is posted
letter-notice-posted = The letter is recorded as posted.

error-notice-config = The set-up of notices is faulty. Please tell the operator.
error-notice-templates = Templates of notices are faulty. Please tell the operator.
error-notice-render = This message cannot be put into words. Please tell the operator.
error-notice-contact = A sealed address does not open. Please tell the operator.
error-notice-device = The browser sent something that is not valid. Reload the page and try again.
error-notice-devices = An account can have notifications in at most { $most } browsers. Remove one first.
error-notice-not-set-up = This channel is not set up here.
error-notice-gone = The delivery is no longer in that state. Reload the page.
error-notice-signature = The signature of the report does not hold, or is older than five minutes.
error-notice-report = The report is not of the form that is set up.
error-notice-unknown-messages = None of the messages of the report is known. Send it again later.
