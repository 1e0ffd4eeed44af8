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
