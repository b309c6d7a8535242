"""The hundred best films of a board: rank, title, stars, release, score and picture.

`spider`    the survey as a crawl: each page is a chain of requests; it uses the crawler's public API alone
`board`     what a page says: films, or a refusal (pure)
`table`     the rows as they are stored
`survey`    which ranks are stored, which are missing, and why
`chart`     the scores by the year of release, coloured by country
`command`   `shoal survey movies`

From below: board, then spider and table, then survey and chart, then command.
"""
