"""Text from outside reaches the screen as plain text: nothing in the window could show it otherwise."""

import ast

from tests.architecture.tree import ROOT, name_of, python_files, syntax

# Whatever reads markup, or guesses from its content whether a text is markup.
_READS_MARKUP = {
    "setHtml",
    "insertHtml",
    "appendHtml",
    "appendRichText",
    "setMarkdown",
    "RichText",
    "MarkdownText",
    "AutoText",
    "QTextBrowser",
    "QTextDocument",
    "QMessageBox",
    "QErrorMessage",
    "QStaticText",
    "setWhatsThis",
}
# A bare label guesses; these two do not: one is set to plain text, the other holds a picture.
_MAY_MAKE_LABELS = {"ui/widgets/text.py", "ui/widgets/pdf_view.py"}


def _names(path_tree: ast.Module) -> set[str]:
    found = {node.id for node in ast.walk(path_tree) if isinstance(node, ast.Name)}
    return found | {node.attr for node in ast.walk(path_tree) if isinstance(node, ast.Attribute)}


def _makes_labels(tree: ast.Module) -> bool:
    """Whether a file calls or subclasses QLabel; naming it as a type makes none."""
    made = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    made += [base for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(ast.unparse(one).split(".")[-1] == "QLabel" for one in made)


def test_the_window_names_nothing_that_reads_markup() -> None:
    """No file of the window uses a widget or a call that would render markup."""
    wrong = {name_of(path): _names(syntax(path)) & _READS_MARKUP for path in python_files("ui")}
    assert len(wrong) > 20
    assert {name: found for name, found in wrong.items() if found} == {}


def test_labels_are_made_in_one_place_and_are_plain() -> None:
    """Every label of the window is the plain-text one, which says so before it gets its first word."""
    makers = {name_of(path) for path in python_files("ui") if _makes_labels(syntax(path))}
    assert makers == _MAY_MAKE_LABELS
    plain = (ROOT / "ui/widgets/text.py").read_text(encoding="utf-8")
    assert plain.index("setTextFormat(Qt.TextFormat.PlainText)") < plain.index("self.show_text(text)")
    assert "setText(" not in (ROOT / "ui/widgets/pdf_view.py").read_text(encoding="utf-8")


def test_tooltips_of_rows_are_escaped() -> None:
    """A tooltip guesses whether it holds markup, so content goes into one only escaped."""
    for path in python_files("ui"):
        own = {
            ast.unparse(node.targets[0])
            for node in syntax(path).body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(syntax(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("setToolTip"):
                words = [word for word in node.args if ast.unparse(word) not in own]
                assert all(isinstance(word, ast.Constant) for word in words), name_of(path)
    tables = (ROOT / "ui/widgets/tables.py").read_text(encoding="utf-8")
    assert "html.escape(visible(" in tables


def test_the_check_recognises_markup() -> None:
    """The check finds a call, an enumeration and a subclass."""
    assert _names(ast.parse("a.setHtml(x); Qt.TextFormat.RichText")) & _READS_MARKUP == {
        "setHtml",
        "RichText",
    }
    assert _makes_labels(ast.parse("class A(QLabel): ..."))
    assert _makes_labels(ast.parse("QtWidgets.QLabel('x')"))
    assert not _makes_labels(ast.parse("def f(x: QLabel) -> None: ..."))
