"""Post-processing of feeds."""

from shoal.crawl.feeds.postprocessing import Bz2Plugin, GzipPlugin, LZMAPlugin, PostProcessingManager

__all__ = ["Bz2Plugin", "GzipPlugin", "LZMAPlugin", "PostProcessingManager"]
