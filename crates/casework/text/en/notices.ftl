# Notices about deadlines: to officers on their own page, to an applicant whose dossier waits for papers.

nav-desk-notices = Notices
notice-how = Choose how you are told
notice-none-desk = There are no notices. Dossiers that are due soon or over are told here.
notice-supplement-waits = Reminder: the dossier waits for your papers.
notice-receipt-near = Reception is due soon.
notice-receipt-late = Late reception: nobody has looked at this dossier.
notice-due-near = The dossier is due soon.
notice-due-over = The dossier is over.
notice-escalated = A dossier of a unit below is over by more than two working days.
notice-child-arrived = Another unit handed over a child dossier.
notice-child-proposed = A child dossier waits for your approval.
notice-child-sent-back = A child dossier is to be done again.
notice-child-asks = The other unit asks about a child dossier.
notice-child-replied = The sender answered about a child dossier.
notice-child-answered = A child dossier is answered.
notice-child-given-back = A child dossier was given back.
notice-child-sent-on = A child dossier was sent on.
notice-child-ended = A child dossier is needed no more.
notice-child-accept-late = A child dossier was not accepted in time.
notice-child-near = A child dossier is due soon.
notice-child-over = A child dossier is over.
notice-child-escalated = A child dossier is over by more than two working days.
