"""What makes the file an archive: XMP, the document information, the colour profile and the attachments."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from PIL import ImageCms

from reports.text import visible
from workstation.core.report import ReportDocument

_PRODUCER = "Frontier Review Workstation"
_OWN_NAMESPACE = "urn:frontier-review-workstation:report:1#"
_PROFILE_DATE = bytes(
    (0x07, 0xD0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0)
)  # 2000-01-01, so that the bytes never change
_CODE = re.compile(r"<[0-9A-F]{2}> <[0-9A-F]{4}>")
_LARGEST_BLOCK = 100  # entries in one block of a character map

_EXTENSION = """\
   <rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>{title}</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>{uri}</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>{prefix}</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>
{properties}
    </rdf:Seq></pdfaSchema:property>
   </rdf:li>"""

_PROPERTY = """\
     <rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>{name}</pdfaProperty:name>
      <pdfaProperty:valueType>{type}</pdfaProperty:valueType>
      <pdfaProperty:category>internal</pdfaProperty:category>
      <pdfaProperty:description>{description}</pdfaProperty:description>
     </rdf:li>"""

_OWN_PROPERTIES = (
    ("Marking", "Banner marking of the whole document"),
    ("Identifier", "Identifier of the document"),
    ("PackageDigest", "SHA-384 of the reviewed package"),
    ("AuditChainHead", "SHA-384 of the last audit row when the document was made"),
)

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about=""
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:xmp="http://ns.adobe.com/xap/1.0/"
   xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
   xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
   xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
   xmlns:frw="{own}">
  <pdfaid:part>3</pdfaid:part>
  <pdfaid:conformance>A</pdfaid:conformance>
  <pdfuaid:part>1</pdfuaid:part>
  <dc:format>application/pdf</dc:format>
  <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
  <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
  <dc:description><rdf:Alt><rdf:li xml:lang="x-default">{subject}</rdf:li></rdf:Alt></dc:description>
  <dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
  <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{marking}</rdf:li></rdf:Alt></dc:rights>
  <pdf:Keywords>{keywords}</pdf:Keywords>
  <pdf:Producer>{producer}</pdf:Producer>
  <xmp:CreatorTool>{producer}</xmp:CreatorTool>
  <xmp:CreateDate>{date}</xmp:CreateDate>
  <xmp:ModifyDate>{date}</xmp:ModifyDate>
  <xmp:MetadataDate>{date}</xmp:MetadataDate>
{own_values}
 </rdf:Description>
 <rdf:Description rdf:about=""
   xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
   xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
   xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
  <pdfaExtension:schemas><rdf:Bag>
{extensions}
  </rdf:Bag></pdfaExtension:schemas>
 </rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def add_metadata(pdf: pikepdf.Pdf, document: ReportDocument, at: datetime) -> None:
    """Title, author, dates and the like, the same in the XMP packet and in the information dictionary."""
    moment = at.astimezone(UTC)
    about = document.metadata
    title = visible(f"{document.title} ({document.identifier})")
    author, subject = visible(about.author_office), visible(about.subject)
    keywords = visible("; ".join((*about.keywords, document.marking)))
    xmp = _packet(document, title, author, subject, keywords, moment)
    stream = pdf.make_stream(xmp.encode("utf-8"))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream
    pdf.Root.Lang = String(about.language)
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    stamp = moment.strftime("D:%Y%m%d%H%M%SZ")
    info = pdf.make_indirect(
        Dictionary(
            Title=String(title),
            Author=String(author),
            Subject=String(subject),
            Keywords=String(keywords),
            Creator=String(_PRODUCER),
            Producer=String(_PRODUCER),
            CreationDate=String(stamp),
            ModDate=String(stamp),
        )
    )
    pdf.trailer.Info = info


def _packet(
    document: ReportDocument, title: str, author: str, subject: str, keywords: str, moment: datetime
) -> str:
    about = document.metadata
    values = (document.marking, document.identifier, about.package_digest, about.audit_chain_head)
    own = "\n".join(
        f"  <frw:{name}>{escape(visible(value))}</frw:{name}>"
        for (name, _), value in zip(_OWN_PROPERTIES, values, strict=True)
        if value
    )
    return _PACKET.format(
        own=_OWN_NAMESPACE,
        title=escape(title),
        author=escape(author),
        subject=escape(subject),
        keywords=escape(keywords),
        language=escape(about.language),
        marking=escape(visible(document.marking)),
        producer=_PRODUCER,
        date=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        own_values=own,
        extensions=_extensions(),
    )


def _extensions() -> str:
    ua = _PROPERTY.format(name="part", type="Integer", description="Part of ISO 14289 this file conforms to")
    own = "\n".join(
        _PROPERTY.format(name=name, type="Text", description=description)
        for name, description in _OWN_PROPERTIES
    )
    return "\n".join(
        (
            _EXTENSION.format(
                title="PDF/UA Universal Accessibility Schema",
                uri="http://www.aiim.org/pdfua/ns/id/",
                prefix="pdfuaid",
                properties=ua,
            ),
            _EXTENSION.format(title="Review report", uri=_OWN_NAMESPACE, prefix="frw", properties=own),
        )
    )


@cache
def srgb_profile() -> bytes:
    """The sRGB profile with its creation date fixed, so that equal documents stay equal bytes."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = _PROFILE_DATE
    return bytes(profile)


def add_output_intent(pdf: pikepdf.Pdf) -> None:
    """Say which colours the numbers on the pages mean."""
    profile = pdf.make_stream(srgb_profile())
    profile.N = 3
    profile.Alternate = Name.DeviceRGB
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=profile,
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


def tidy_unicode_maps(pdf: pikepdf.Pdf) -> None:
    """Leave out of the fonts' maps to Unicode what stands for nothing; the archive standard forbids zero."""
    fonts = {font.objgen: font for page in pdf.pages for font in page.Resources.Font.values()}
    for _, font in sorted(fonts.items()):
        text = font.ToUnicode.read_bytes().decode("ascii")
        begin, end = text.index(" beginbfchar"), text.index("endcmap")
        before = text[: text.rindex("\n", 0, begin) + 1]
        used = [entry for entry in _CODE.findall(text, begin) if not entry.endswith("<0000>")]
        blocks = [used[first : first + _LARGEST_BLOCK] for first in range(0, len(used), _LARGEST_BLOCK)]
        tidy = "".join(f"{len(block)} beginbfchar\n{chr(10).join(block)}\nendbfchar\n" for block in blocks)
        font.ToUnicode = pdf.make_stream((before + tidy + text[end:]).encode("ascii"))


def add_attachments(pdf: pikepdf.Pdf, document: ReportDocument, at: datetime) -> None:
    """Carry the data the document was made from inside it, associated with the whole document."""
    if not document.attachments:
        return
    stamp = String(at.astimezone(UTC).strftime("D:%Y%m%d%H%M%SZ"))
    listed = Array()
    for attachment in sorted(document.attachments, key=lambda attachment: attachment.name):
        stream = pdf.make_stream(attachment.content)
        stream.Type = Name.EmbeddedFile
        stream.Subtype = Name("/" + attachment.media_type)
        digest = hashlib.sha384(attachment.content).hexdigest()
        stream.Params = Dictionary(Size=len(attachment.content), ModDate=stamp, CreationDate=stamp)
        name = visible(attachment.name)
        spec = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(name),
                UF=String(name),
                Desc=String(f"{visible(attachment.description)} SHA-384 {digest}"),
                AFRelationship=Name.Data,
                EF=Dictionary(F=stream, UF=stream),
            )
        )
        listed.extend([String(name), spec])
    pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=listed))
    pdf.Root.AF = Array([listed[index] for index in range(1, len(listed), 2)])
