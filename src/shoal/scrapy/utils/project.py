"""The project a command runs in."""

import shoal.crawl.project as _home
from shoal.crawl.project import data_path, find_projects, get_project_settings, inside_project, project_data_dir
from shoal.scrapy._mirror import mirror

__all__ = ["data_path", "find_projects", "get_project_settings", "inside_project", "project_data_dir"]

mirror(__name__, _home)
