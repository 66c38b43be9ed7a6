"""The first page of a document that was sent, as a picture."""

from __future__ import annotations

import io
from email import message_from_bytes, policy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

Size = tuple[int, int]  # as it is to be shown: a coarse fax has flat dots


def attached_page(message: bytes) -> bytes | None:
    """The letter's page in an e-mail: its first attachment, where that is a PDF."""
    parts = message_from_bytes(message, policy=policy.default).iter_attachments()
    for part in parts:
        content = part.get_content() if part.get_content_type() == "application/pdf" else None
        return content if isinstance(content, bytes) else None
    return None


def fax_page(tiff: bytes) -> tuple[bytes, Size]:
    """A fax's first page dot for dot, as PNG."""
    from PIL import Image

    with Image.open(io.BytesIO(tiff)) as image:
        across, down = image.info.get("dpi", (204, 196))
        return _png(image), (image.width, round(image.height * float(across) / float(down)))


def pdf_page(pdf: bytes) -> tuple[bytes, Size]:
    """A PDF's first page at 150 dpi, as PNG."""
    import pypdfium2

    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=150 / 72, grayscale=True).to_pil()
    return _png(image.quantize(16)), image.size


def _png(image: Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG", optimize=True)
    return data.getvalue()
