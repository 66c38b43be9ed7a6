"""The peer of our pages: the same letter as a person would make it in LibreOffice Writer (12 pt
Liberation Serif, 2 cm margins), faxed by Ghostscript's tiffg4."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from html import escape
from pathlib import Path

from faxappeal.campaign.markdown import Node
from faxappeal.documents.content import Content

_DPI = {"fine": "204x196", "standard": "204x98"}

_DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text"
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0">
<office:font-face-decls>
 <style:font-face style:name="Times" svg:font-family="'Liberation Serif'"/>
</office:font-face-decls>
<office:automatic-styles>
 <style:page-layout style:name="A4"><style:page-layout-properties
  fo:page-width="210mm" fo:page-height="297mm" fo:margin="20mm"/></style:page-layout>
 <style:style style:name="Text" style:family="paragraph">
  <style:paragraph-properties fo:margin-bottom="6pt"/>
  <style:text-properties style:font-name="Times" fo:font-size="12pt"/></style:style>
 <style:style style:name="Bold" style:family="paragraph">
  <style:paragraph-properties fo:margin-bottom="6pt"/>
  <style:text-properties style:font-name="Times" fo:font-size="12pt" fo:font-weight="bold"/>
 </style:style>
</office:automatic-styles>
<office:master-styles>
 <style:master-page style:name="Standard" style:page-layout-name="A4"/>
</office:master-styles>
<office:body><office:text>
%s
</office:text></office:body></office:document>
"""


def missing() -> str:
    """What to install first, or nothing."""
    if shutil.which("soffice") and shutil.which("gs"):
        return ""
    return "apt-get install libreoffice-writer-nogui fonts-liberation ghostscript"


def document(content: Content) -> str:
    """A letter as a flat OpenDocument text, with what stands on our page but the header line."""
    parts = [
        _lines([" · ".join(content.sender), " · ".join(content.reach)]),
        _lines([f"{content.words.telefax}: {line}" for line in content.telefax]),
        _lines(content.address),
        _lines([content.date_text]),
        _lines(content.letter.subject, "Bold"),
        *(
            _paragraph(_inline(node.children), "Bold" if node.kind == "heading" else "Text")
            for node in content.letter.body
        ),
    ]
    if content.copies:
        parts += [_lines([f"{content.words.copy}:"], "Bold"), _lines(content.copies)]
    return _DOCUMENT % "\n".join(parts)


def _lines(lines: Sequence[str], style: str = "Text") -> str:
    return _paragraph("<text:line-break/>".join(map(escape, lines)), style)


def _paragraph(inner: str, style: str) -> str:
    return f'<text:p text:style-name="{style}">{inner}</text:p>'


def _inline(nodes: Sequence[Node]) -> str:
    words = {"break": "<text:line-break/>", "space": " "}
    return "".join(
        words.get(node.kind, escape(node.text)) + _inline(node.children) for node in nodes
    )


def pdfs(sources: Sequence[Path]) -> list[Path]:
    """The documents as PDF, all by one LibreOffice with a profile of its own."""
    folder = sources[0].parent
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = ["--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(["soffice", profile, *options, *sources], check=True, capture_output=True)
    return [source.with_suffix(".pdf") for source in sources]


def fax(pdf: Path, resolution: str) -> Path:
    """A PDF's pages as a Group 4 TIFF on the fax's grid."""
    made = pdf.with_suffix(f".{resolution}.tif")
    command = ["gs", "-q", "-dNOPAUSE", "-dBATCH", "-dSAFER", "-sDEVICE=tiffg4", "-sPAPERSIZE=a4"]
    subprocess.run([*command, f"-r{_DPI[resolution]}", f"-sOutputFile={made}", pdf], check=True)
    return made
