"""The pictures of a site, in two roles that can run apart.

`discover`  the first role, a spider: pages in, addresses of pictures out
`download`  the second role, a spider: addresses in, files and lines of the manifest out
`pages`     which pictures a page shows, and which pages it links to (pure)
`check`     what a file is, by what is in it; its thumbnail
`manifest`  for each address, what became of it: the folder's own list, which a later run goes on with
`table`     the manifest as rows of a database
`survey`    the two roles, alone or one after the other; who carries the second, and where the rows come together
`command`   `shoal survey images`

From below: pages, check and manifest, then discover, download and table, then survey, then command. What the spiders
use of the crawler is its public API, and its files pipeline.
"""
