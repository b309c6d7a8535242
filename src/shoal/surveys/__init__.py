"""Ready surveys, from the request to the picture. A survey is one small file on the crawler's public API, its spider.

The surveys, each a folder of its own: `salaries`, `movies`, `images`. In it `spider.py` is that file (the two roles of
`images` are `discover.py` and `download.py`), `survey.py` is the whole, and `command.py` is what `shoal survey NAME`
runs. Beside them what they share:

`arguments`      words that every survey understands
`conduct`        a crawl carried out under a worker model, until its end or a signal
`page_by_page`   a survey whose pages are stored one after the other
`refusals`       middleware: a site that refuses is left alone for a while
`credentials`    who we are to a site that asks
`elsewhere`      requests that the machines of a cluster send
`charts`         pictures as HTML, SVG or PNG; a chart is one line of `CHARTS`
`row_files`      rows as JSON, JSON lines or CSV
`live_line`, `wide_text`    progress on one line; columns of Chinese text

The one rule: no survey knows of another. A new one is a folder, and one line of `SURVEYS` in `shoal/cli/survey.py`.
"""
