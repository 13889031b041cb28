# SPDX-License-Identifier: GPL-2.0
"""How Sphinx makes the manual of these pages; packaging/docs calls it, on a copy of this folder.

The pages are written to be read as they lie in the tree. What Sphinx wants beside that is done here, when a page is read:
links to sources become names, section numbers become labels, names of pages become links.
"""
import os
import posixpath
import re

from docutils import nodes

project = "hv_netvsc"
author = "The hv_netvsc founders"
copyright = "The hv_netvsc founders, GPL-2.0"
release = os.environ.get("HVNETVSC_VERSION", "")
version = release

extensions = ["myst_parser"]
myst_heading_anchors = 4
# What a page shows as code is no language that has to parse.
highlight_language = "none"
exclude_patterns = ["sriov-uevents.txt"]
nitpicky = True
smartquotes = False

html_theme = "alabaster"
html_theme_options = {
    "description": "the synthetic NIC of Hyper-V guests",
    "page_width": "min(1240px, 100%)",
    "sidebar_width": "240px",
    "fixed_sidebar": False,
    "show_powered_by": False,
    "font_size": "16px",
}
html_static_path = ["manual.css"]
html_css_files = ["manual.css"]
html_show_sourcelink = False
html_copy_source = False

man_pages = [("hv_netvsc", "hv_netvsc", "synthetic NIC of Hyper-V guests", [author], 4)]
man_show_urls = False

# Pages that a run of the tests writes, and that a tree may lack.
WRITTEN = ("kernels", "test-all", "control-plane-table", "hostile-table")
ANCHOR = re.compile(r'^(#+) <a id="([^"]+)"></a>', re.M)
LINK = re.compile(r"(!?)\[([^\]\n]*(?:\n[^\]\n]*)?)\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```.*?^```\s*?$)", re.M | re.S)
PAGE = re.compile(r"``([a-z_/]+)\.(md|rst)``")


def label(page, number):
    return "%s-%s" % (posixpath.splitext(posixpath.basename(page))[0].lower(), number.lower())


def numbers(app, page):
    """Sections of a page that are linked to by their numbers."""
    with open(os.path.join(app.srcdir, page), encoding="utf-8") as file:
        return {number for _, number in ANCHOR.findall(file.read())}


def link(app, docname, match):
    """A link as Sphinx wants it; what is no page of the manual is a name only."""
    mark, text, target = match.groups()
    if mark or "://" in target:
        return match.group(0)
    path, _, number = target.partition("#")
    # Pages from the top of the tree lie in this folder here.
    path = re.sub(r"^Documentation/", "", path)
    page = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path)) if path else docname + ".md"
    if page.startswith("../") and os.path.exists(os.path.join(app.srcdir, page[3:])):
        page = page[3:]
        path = posixpath.relpath(page, posixpath.dirname(docname) or ".")
    if not page.endswith((".md", ".rst")) or not os.path.exists(os.path.join(app.srcdir, page)):
        return text if "`" in text else "`%s`" % text
    if number and number in numbers(app, page):
        return "[%s](%s)" % (text, label(page, number))
    return "[%s](%s%s)" % (text, path, "#" + number if number else "")


def read_markdown(app, docname, text):
    parts = FENCE.split(text)
    for i in range(0, len(parts), 2):
        part = LINK.sub(lambda match: link(app, docname, match), parts[i])
        parts[i] = ANCHOR.sub(lambda match: "(%s)=\n%s " % (label(docname, match.group(2)), match.group(1)), part)
    return "".join(parts)


def read_rst(app, text):
    def doc(match):
        name, ending = match.groups()
        there = os.path.exists(os.path.join(app.srcdir, "%s.%s" % (name, ending)))
        return ":doc:`%s.%s <%s>`" % (name, ending, name) if there else match.group(0)
    for name in WRITTEN:
        if not os.path.exists(os.path.join(app.srcdir, name + ".md")):
            text = re.sub(r"^ +%s\n" % name, "", text, flags=re.M)
    return PAGE.sub(doc, text)


def read(app, docname, source):
    if app.env.doc2path(docname).endswith(".md"):
        source[0] = read_markdown(app, docname, source[0])
    else:
        source[0] = read_rst(app, source[0])


def goes_on(row, following):
    return re.search(r"(,|\band)$", row[0].astext()) is not None or following[0].astext().startswith("(")


def join(cell, more):
    for paragraph in more.children:
        if cell.children:
            cell[0] += [nodes.Text(" "), *paragraph.children]
        else:
            cell += paragraph


def join_rows(app, doctree):
    """In a simple table of reStructuredText each line in the first column is a row. One goes on that ends with a comma, or has
    something in parentheses below it."""
    for body in doctree.findall(nodes.tbody):
        rows = list(body.children)
        for row, following in zip(reversed(rows[:-1]), reversed(rows[1:])):
            if goes_on(row, following):
                for cell, more in zip(row.children, following.children):
                    join(cell, more)
                body.remove(following)


def entry(row):
    """A row of a table as an entry of a list: in a manual page half of the line would be rules and gaps."""
    cells = list(row.children)
    term = nodes.term("", "", *[child for paragraph in cells[0].children for child in paragraph.children])
    for cell in cells[1:-1]:
        term += nodes.Text(" (%s)" % " ".join(cell.astext().split()))
    return nodes.definition_list_item("", term, nodes.definition("", *cells[-1].children))


def write_man(app, doctree, docname):
    if app.builder.name != "man":
        return
    for topic in list(doctree.findall(nodes.topic)):
        topic.parent.remove(topic)
    for table in list(doctree.findall(nodes.table)):
        body = next(table.findall(nodes.tbody))
        table.replace_self(nodes.definition_list("", *[entry(row) for row in body.children]))


def setup(app):
    app.connect("source-read", read)
    app.connect("doctree-read", join_rows)
    app.connect("doctree-resolved", write_man)
    return {"parallel_read_safe": True}
