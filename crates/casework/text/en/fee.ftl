# Fees of a dossier

fee-own-title = Fees
fee-name = Fee
fee-name-hint = As the text calls it, for example the charge for a building permit.
fee-amount = Amount
fee-basis = Legal basis
fee-basis-hint = Number and clause of the text that sets the amount.
fee-note = Words for the payer
fee-grounds = Grounds for exemption or reduction that were checked
fee-quantity = Quantity ({ $per })
fee-free = Nothing is to pay
fee-free-words = Filed this way, the procedure costs nothing. There is no bill and no stop of the clock; the dossier goes on.
fee-by-tariff = Computed by the tariff: { $basis }.
fee-by-source = The amount is that of the catalogue; change it where this dossier is another case.
fee-by-hand = The catalogue names no fixed amount. Please enter amount and legal basis.
fee-take-title = Take the fee in cash
fee-take-words = Only when the payer hands over cash at the desk. A transfer is put on record by itself from the bank.
fee-take-amount = Take { $amount }
fee-take = All the cash is here
fee-taken-note = { $amount } was taken in cash at the desk.
fee-program = Fee collection
fee-came-note = All { $amount } came (reference { $references }).
fee-dossier-ended = The dossier ended.
