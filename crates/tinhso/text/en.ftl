# Texts of the program itself.
tinhso-footer-note = Every figure on these pages opens the list of dossiers behind it and how it is computed.
tinhso-footer-api = Programming interface
tinhso-footer-uses = Who has looked at my data
tinhso-demo = This is a demonstration: its people and dossiers are made up by the program.
