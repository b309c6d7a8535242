"""Images that items point at: fetched, made JPEG, with thumbnails. `image_urls` in, `images` out. Needs Pillow.

The one rule: a JPEG that needs no turning is kept as it came; everything else is converted to RGB on white.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, Any, ClassVar

from shoal.crawl.awaiting import settle
from shoal.crawl.exceptions import NotConfigured
from shoal.crawl.pipelines.filemedia import FilesPipeline, url_hash
from shoal.crawl.pipelines.media import FileException
from shoal.crawl.pipelines.remotestores import GCSFilesStore, S3FilesStore
from shoal.crawl.pipelines.stores import md5sum

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from shoal.crawl.request import Request
    from shoal.crawl.response_base import Response
    from shoal.crawl.settings import BaseSettings

# The methods that make images out of bytes.
_MAKING = ("convert_image", "file_path", "get_images", "thumb_path")
_ORIENTATION = 0x0112  # the Exif tag; 1 means upright


class ImageException(FileException):
    """An image is too small."""


class ImagesPipeline(FilesPipeline):
    """Keeps images in IMAGES_STORE.

    Further settings: IMAGES_EXPIRES (days), IMAGES_MIN_WIDTH and IMAGES_MIN_HEIGHT (pixels), IMAGES_THUMBS (names and
    sizes), IMAGES_URLS_FIELD, IMAGES_RESULT_FIELD, and FILES_MAXSIZE (bytes).
    """

    MEDIA_NAME: str = "image"
    MIN_WIDTH: int = 0
    MIN_HEIGHT: int = 0
    EXPIRES: int = 90
    THUMBS: ClassVar[dict[str, tuple[int, int]]] = {}
    DEFAULT_IMAGES_URLS_FIELD = "image_urls"
    DEFAULT_IMAGES_RESULT_FIELD = "images"

    def __init__(
        self,
        store_uri: str | os.PathLike[str],
        download_func: None = None,
        settings: Any = None,
        *,
        crawler: Any = None,
    ) -> None:
        """Raises NotConfigured without a store and without Pillow."""
        try:
            import_module("PIL")
            self._Image: Any = import_module("PIL.Image")
            self._ImageOps: Any = import_module("PIL.ImageOps")
        except ImportError:
            raise NotConfigured("ImagesPipeline requires installing Pillow: pip install shoal[images]") from None
        super().__init__(store_uri, download_func, settings, crawler=crawler)

    def _configure(self, settings: Any) -> None:
        super()._configure(settings)
        if not hasattr(self, "IMAGES_URLS_FIELD"):
            self.IMAGES_URLS_FIELD = self.DEFAULT_IMAGES_URLS_FIELD
        if not hasattr(self, "IMAGES_RESULT_FIELD"):
            self.IMAGES_RESULT_FIELD = self.DEFAULT_IMAGES_RESULT_FIELD
        self.expires = int(self._setting(settings, "IMAGES_EXPIRES", self.EXPIRES))
        self.min_width = int(self._setting(settings, "IMAGES_MIN_WIDTH", self.MIN_WIDTH))
        self.min_height = int(self._setting(settings, "IMAGES_MIN_HEIGHT", self.MIN_HEIGHT))
        self.thumbs: dict[str, tuple[int, int]] = self._setting(settings, "IMAGES_THUMBS", self.THUMBS)
        self.images_urls_field: str = self._setting(settings, "IMAGES_URLS_FIELD", self.IMAGES_URLS_FIELD)
        self.images_result_field: str = self._setting(settings, "IMAGES_RESULT_FIELD", self.IMAGES_RESULT_FIELD)
        self.streams = False  # an image is looked at whole
        # One code for both kinds of fields.
        self.files_urls_field = self.images_urls_field
        self.files_result_field = self.images_result_field

    def _base_class_name(self) -> str:
        return "ImagesPipeline"

    @classmethod
    def _store_uri(cls, settings: BaseSettings) -> Any:
        return settings["IMAGES_STORE"]

    @classmethod
    def _update_stores(cls, settings: BaseSettings) -> None:
        super()._update_stores(settings)
        S3FilesStore.POLICY = settings["IMAGES_STORE_S3_ACL"]
        GCSFilesStore.POLICY = settings["IMAGES_STORE_GCS_ACL"] or None

    async def file_downloaded(self, response: Response, request: Request, info: Any, *, item: Any = None) -> str | None:
        """Keep the image and its thumbnails; the MD5 of the image."""
        checksum: str | None = await settle(self.image_downloaded(response, request, info, item=item))
        return checksum

    async def image_downloaded(
        self, response: Response, request: Request, info: Any, *, item: Any = None
    ) -> str | None:
        """The same as `file_downloaded`, for subclasses to override."""
        checksum = None
        images = self.get_images(response, request, info, item=item)
        while (made := await self._next_of(images)) is not None:
            path, image, contents = made
            contents.seek(0)
            if checksum is None:
                checksum = md5sum(contents)
                contents.seek(0)
            width, height = image.size
            await settle(
                self.store.persist_file(
                    path,
                    contents,
                    info,
                    meta={"width": width, "height": height},
                    headers={"Content-Type": "image/jpeg"},
                )
            )
        return checksum

    async def _next_of(self, images: Iterator[tuple[str, Any, BytesIO]]) -> tuple[str, Any, BytesIO] | None:
        """The next image, made in a thread, so that downloads go on; but code of a project stays in its own."""
        cls = type(self)
        if all(getattr(cls, name) is getattr(ImagesPipeline, name) for name in _MAKING):
            return await asyncio.to_thread(next, images, None)
        return next(images, None)

    def get_images(
        self, response: Response, request: Request, info: Any, *, item: Any = None
    ) -> Iterator[tuple[str, Any, BytesIO]]:
        """Path, image and JPEG of the image and then of its thumbnails. Raises ImageException for a small image."""
        path = self.file_path(request, response=response, info=info, item=item)
        original = self._Image.open(BytesIO(response.body))
        width, height = original.size
        if width < self.min_width or height < self.min_height:
            raise ImageException(f"Image too small ({width}x{height} < {self.min_width}x{self.min_height})")
        image, contents = self.convert_image(self._upright(original), response_body=BytesIO(response.body))
        yield path, image, contents
        for name, size in self.thumbs.items():
            thumb_path = self.thumb_path(request, name, response=response, info=info, item=item)
            thumbnail, thumbnail_contents = self.convert_image(image, size, response_body=contents)
            yield thumb_path, thumbnail, thumbnail_contents

    def _upright(self, original: Any) -> Any:
        """A copy of the image, turned as its Exif data say; one that need not be turned is still of its format."""
        image = self._ImageOps.exif_transpose(original)
        if original.getexif().get(_ORIENTATION, 1) == 1:
            image.format = original.format
        return image

    def convert_image(
        self, image: Any, size: tuple[int, int] | None = None, *, response_body: BytesIO
    ) -> tuple[Any, BytesIO]:
        """The image in RGB, no larger than `size`, and as JPEG: `response_body` itself where nothing was to do."""
        if image.format in ("PNG", "WEBP") and image.mode == "RGBA":
            image = self._on_white(image)
        elif image.mode == "P":
            image = self._on_white(image.convert("RGBA"))
        elif image.mode != "RGB":
            image = image.convert("RGB")
        if size:
            image = image.copy()
            image.thumbnail(size, self._smooth())
        elif image.format == "JPEG":
            return image, response_body
        contents = BytesIO()
        image.save(contents, "JPEG")
        return image, contents

    def _on_white(self, image: Any) -> Any:
        background = self._Image.new("RGBA", image.size, (255, 255, 255))
        background.paste(image, image)
        return background.convert("RGB")

    def _smooth(self) -> Any:
        """Pillow's best filter for making images smaller, which has changed its place."""
        newer = getattr(self._Image, "Resampling", None)
        return self._Image.ANTIALIAS if newer is None else newer.LANCZOS

    def file_path(
        self, request: Request, response: Response | None = None, info: Any = None, *, item: Any = None
    ) -> str:
        """`full/` and the SHA-1 of the address."""
        del response, info, item
        return f"full/{url_hash(request.url)}.jpg"

    def thumb_path(
        self,
        request: Request,
        thumb_id: str,
        response: Response | None = None,
        info: Any = None,
        *,
        item: Any = None,
    ) -> str:
        """`thumbs/`, the name of the size, and the SHA-1 of the address."""
        del response, info, item
        return f"thumbs/{thumb_id}/{url_hash(request.url)}.jpg"
