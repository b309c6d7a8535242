"""Salaries of a job board, by city: so many distinct jobs of a keyword from each.

`spider`    the survey as a crawl: a city is one chain of requests; it uses the crawler's public API alone
`errand`    what is known of a city, which jobs are news, which page is next (pure)
`board`     what the board's answers mean: jobs, or a refusal (pure)
`text`      "15k-30k", "1.5万-2万/月" and their like as figures (pure)
`table`     the rows as they are stored, and as older versions stored them
`survey`    what is stored already, what is still missing, how each city ended
`report`    the summary by city, and the line that tells how far it is (pure)
`chart`     how salaries are distributed, by city and experience
`command`   `shoal survey salaries`

From below: text, board and errand, then spider and table, then survey, report and chart, then command.
"""
