"""Documents that are zip files, written part by part."""

from __future__ import annotations

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MORE = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
)
_OASIS = "urn:oasis:names:tc:opendocument:xmlns"


def zipped(parts: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return stream.getvalue()


def docx(body: str, *, space: str = W, **others: str) -> bytes:
    """Write a DOCX; `others` are the insides of the parts called styles, numbering, header, footer, footnotes."""
    roots = {"styles": "styles", "numbering": "numbering", "header": "hdr", "footer": "ftr", "footnotes": "footnotes"}
    related = "".join(
        f'<Relationship Id="r{name}" Type="{_KINDS}/{name}" Target="{name}.xml"/>' for name in [*others, "comments"]
    )
    parts: dict[str, str | bytes] = {
        "_rels/.rels": _relations(
            f'<Relationship Id="a" Type="{_KINDS}/officeDocument" Target="word/document.xml"/>'
            f'<Relationship Id="b" Type="http://x/core-properties" Target="docProps/core.xml"/>'
        ),
        "docProps/core.xml": '<p xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Clinic letter</dc:title></p>',
        "word/_rels/document.xml.rels": _relations(related),
        "word/document.xml": f'<w:document xmlns:w="{space}" {_MORE}><w:body>{body}</w:body></w:document>',
    }
    for name, inside in others.items():
        parts[f"word/{name}.xml"] = f'<w:{roots[name]} xmlns:w="{space}" {_MORE}>{inside}</w:{roots[name]}>'
    return zipped(parts)


def odt(body: str, *, styles: str = "", pages: str = "", manifest: str = "") -> bytes:
    """Write an ODT; `styles` are its automatic ones, `pages` what its master page has."""
    names = ("office", "text", "table", "style", "manifest")
    spaces = " ".join(f'xmlns:{name}="{_OASIS}:{name}:1.0"' for name in names)
    spaces += f' xmlns:draw="{_OASIS}:drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {spaces}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
            "</office:document-content>",
            "styles.xml": f"<office:document-styles {spaces}><office:master-styles><style:master-page>{pages}"
            "</style:master-page></office:master-styles></office:document-styles>",
            "meta.xml": f"<office:document-meta {spaces}><office:meta><dc:title>Clinic letter</dc:title></office:meta>"
            "</office:document-meta>",
            "META-INF/manifest.xml": f"<manifest:manifest {spaces}>{manifest}</manifest:manifest>",
        }
    )


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{_RELATIONS}">{inside}</Relationships>'
