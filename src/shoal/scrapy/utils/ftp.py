"""Files sent by FTP."""

from shoal.crawl.ftp_upload import ftp_makedirs_cwd, ftp_store_file

__all__ = ["ftp_makedirs_cwd", "ftp_store_file"]
