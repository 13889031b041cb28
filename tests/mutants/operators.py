# SPDX-License-Identifier: GPL-2.0
"""Small changes to C source that a test should notice.

A change is named by what stands there: file, function (or table), the lines it touches and what they become, blanks
made one. A name outlives lines that move. C is read as tokens, not as a tree: the house style is regular enough, and
a change that does not compile costs half a second.
"""
import collections
import re

TOKEN = re.compile(r"""
    (?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:\\\n|[^\n])*)
  | (?P<str>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<num>0[xX][0-9a-fA-F]+[uUlL]*|[0-9]+[uUlL]*)
  | (?P<id>[A-Za-z_][A-Za-z_0-9]*)
  | (?P<op><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.X | re.S | re.M)

Token = collections.namedtuple("Token", "kind text start end")
Change = collections.namedtuple("Change", "path start end text name")

TYPES = set("""u8 u16 u32 u64 s8 s16 s32 s64 int char void bool long short unsigned signed size_t ssize_t
    __le16 __le32 __le64 __be16 __be32 struct union enum const static volatile""".split())
KEYWORDS = set("if for while do switch else case default return goto break continue sizeof".split())
ASSIGN = {"=", "|=", "&=", "^=", "+=", "-=", "*=", "/=", "%=", "<<=", ">>="}
SWAPS = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="],
    "+": ["-"], "-": ["+"], "*": ["/"], "/": ["*"], "%": ["/"], "<<": [">>"], ">>": ["<<"],
    "&": ["|"], "|": ["&"], "^": ["|"],
    "|=": ["="], "&=": ["="], "+=": ["-=", "="], "-=": ["+=", "="], "<<=": [">>="], ">>=": ["<<="],
    "++": ["--"], "--": ["++"],
}
BINARY = set("+ - * / % << >> & | ^".split())
WORDS = {"true": "false", "false": "true", "min": "max", "max": "min", "min_t": "max_t", "max_t": "min_t"}
CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{2,}$")
# What has no effect in one thread, or none but on speed.
UNSEEN = re.compile(r"(smp_\w+|barrier|prefetch\w*|cpu_relax|netvsc_static_assert|static_assert|BUILD_BUG_ON)$")


def tokens_of(source):
    """Tokens without comments and preprocessor lines."""
    return [Token(m.lastgroup, m.group(), m.start(), m.end())
            for m in TOKEN.finditer(source) if m.lastgroup != "skip"]


class Reader:
    """The tokens of a file, its brackets, and what function or table each token is in."""

    def __init__(self, source):
        self.source = source
        self.tokens = tokens_of(source)
        self.match = {}         # bracket: its partner
        self.around = []        # the bracket that a token is in, -1 if none
        self.regions = []       # (first, last, name, True if a function)
        self._brackets()
        self._regions()

    def text(self, i):
        return self.tokens[i].text if 0 <= i < len(self.tokens) else ""

    def _brackets(self):
        stack = []
        for i, t in enumerate(self.tokens):
            if t.text in (")", "]", "}") and stack:
                opened = stack.pop()
                self.match[opened] = i
                self.match[i] = opened
            self.around.append(stack[-1] if stack else -1)
            if t.text in ("(", "[", "{"):
                stack.append(i)

    def _regions(self):
        for i, t in enumerate(self.tokens):
            if t.text != "{" or self.around[i] != -1 or i not in self.match:
                continue
            before = self.text(i - 1)
            if before == ")":
                name = self.text(self.match[i - 1] - 1)
            elif before == "=":
                j = i - 2
                while self.text(j) == "]":
                    j = self.match[j] - 1
                name = self.text(j)
            else:
                continue        # struct, union, enum: no code
            self.regions.append((i, self.match[i], name, before == ")"))

    def left(self, i, stops):
        """First token of the operand that ends before @i."""
        j = i - 1
        while j > self.around[i]:
            if self.text(j) in (")", "]", "}"):
                j = self.match[j] - 1
                continue
            if self.text(j) in stops:
                break
            j -= 1
        return j + 1

    def right(self, i, stops):
        """Last token of the operand that begins after @i."""
        j = i + 1
        while j < len(self.tokens) and self.text(j) not in (")", "]", "}"):
            if self.text(j) in ("(", "[", "{"):
                j = self.match[j]
            elif self.text(j) in stops:
                break
            j += 1
        return j - 1


LOGIC_STOPS = ASSIGN | {",", ";", "&&", "||", "?", ":", "return", "case"}
CHOICE_STOPS = ASSIGN | {",", ";", "?", ":", "return", "case"}
BITS_STOPS = LOGIC_STOPS | {"==", "!=", "<", ">", "<=", ">=", "|", "&", "^", "<<", ">>"}


class Maker:
    """All changes of one file."""

    def __init__(self, path, source):
        self.path = path
        self.r = Reader(source)
        self.found = {}         # (start, end, text): in which region
        # Macros that are no value
        self.braces = set(re.findall(r"^#define\s+(\w+)\s+\{", source, re.M))

    def all(self):
        for region in self.r.regions:
            first, last, _, code = region
            for i in range(first + 1, last):
                self._token(i, region)
                if code and self.r.text(self.r.around[i]) == "{":
                    self._statement(i, region)
        return self._named()

    # ---- the pieces ----

    def _put(self, i, j, text, region):
        """Tokens @i to @j become @text."""
        key = (self.r.tokens[i].start, self.r.tokens[j].end, text)
        self.found.setdefault(key, region)

    def _token(self, i, region):
        r, t = self.r, self.r.tokens[i]
        if t.kind == "num":
            self._number(i, region)
        elif t.kind == "id":
            self._word(i, region)
        elif t.text in ("&&", "||"):
            a, b = r.left(i, LOGIC_STOPS), r.right(i, LOGIC_STOPS)
            neutral = "1" if t.text == "&&" else "0"
            self._put(a, i - 1, neutral, region)
            self._put(i + 1, b, neutral, region)
        elif t.text == "?":
            a = r.left(i, CHOICE_STOPS)
            self._put(a, i - 1, "1", region)
            self._put(a, i - 1, "0", region)
        elif t.text in ("!", "~"):
            self._put(i, i, "", region)
        elif t.text == "=" and self._sets_more(i):
            self._put(i, i, "|=", region)
        elif t.text in SWAPS and (t.text not in BINARY or self._is_binary(i)):
            for other in SWAPS[t.text]:
                self._put(i, i, other, region)
            if t.text == "|":
                self._put(r.left(i, BITS_STOPS), i - 1, "0", region)
                self._put(i + 1, r.right(i, BITS_STOPS), "0", region)

    def _number(self, i, region):
        t = self.r.tokens[i]
        if self._declares_size(i):
            return
        digits = t.text.rstrip("uUlL")
        value = int(digits, 0) if digits[:2].lower() == "0x" else int(digits)
        for other in [value + 1] + ([value - 1] if value else []):
            text = hex(other) if digits[:2].lower() == "0x" else str(other)
            self._put(i, i, text + t.text[len(digits):], region)

    def _word(self, i, region):
        r, word = self.r, self.r.tokens[i].text
        if word in WORDS:
            self._put(i, i, WORDS[word], region)
        elif word == "sizeof":
            end = r.match.get(i + 1)
            if end:
                whole = r.source[r.tokens[i].start:r.tokens[end].end]
                self._put(i, end, "(%s + 1)" % whole, region)
                self._put(i, end, "(%s - 1)" % whole, region)
        elif CONSTANT.match(word) and r.text(i + 1) != "(" and word != "NULL":
            if r.text(i - 1) in ("case", "[") or word in self.braces or self._declares_size(i):
                return
            if CONSTANT.match(r.text(r.around[i] - 1)):     # a macro may paste it
                return
            self._put(i, i, "(%s + 1)" % word, region)
            if r.text(i - 1) in SWAPS or r.text(i + 1) in SWAPS:
                self._put(i, i, "(%s - 1)" % word, region)

    def _sets_more(self, i):
        """An assignment to what may have had a value before: no initial value, no field of one, no variable alone."""
        r = self.r
        if r.text(i - 2) in (";", "{", "}", ":", "else"):
            return False
        if r.text(r.around[i]) != "{":
            return False
        j = i - 1
        while j > r.around[i] and r.text(j) not in (";", "{", "}", ",", ")", ":"):
            j = r.match[j] - 1 if r.text(j) in ("]", ")") else j - 1
        if r.text(j) in (",", "{") and r.text(j + 1) in (".", "["):
            return False
        return not self._declares(j + 1)

    def _is_binary(self, i):
        r = self.r
        before = r.tokens[i - 1]
        if before.text == "]":
            return True
        if before.text == ")":
            inside = [r.text(j) for j in range(r.match[i - 1] + 1, i - 1)]
            return not all(x in TYPES or x == "*" for x in inside) and inside[0] not in ("struct", "const")
        if before.kind == "num":
            return True
        if before.kind != "id" or before.text in KEYWORDS or before.text in TYPES:
            return False
        return r.text(i - 2) not in ("struct", "union", "enum")

    def _declares_size(self, i):
        """Inside the brackets of a declaration of an array."""
        r, opened = self.r, self.r.around[i]
        if r.text(opened) != "[":
            return False
        before = r.tokens[opened - 2]
        return before.text in TYPES or (before.kind == "id" and before.text not in KEYWORDS) or before.text == "*"

    def _declares(self, i):
        """A statement at @i is a declaration."""
        r = self.r
        if r.text(i) in TYPES:
            return True
        return r.tokens[i].kind == "id" and r.text(i) not in KEYWORDS and r.tokens[i + 1].kind == "id"

    # ---- statements ----

    def _statement(self, i, region):
        r, text = self.r, self.r.text(i)
        if text in ("if", "while") and r.text(i + 1) == "(":
            self._put(i + 2, r.match[i + 1] - 1, "0", region)
            if text == "if":
                self._put(i + 2, r.match[i + 1] - 1, "1", region)
        elif text == "case":
            end = next(j for j in range(i, region[1]) if r.text(j) == ":")
            self._put(i, end, ";" if r.text(end + 1) == "}" else "", region)
        elif self._begins(i):
            end = next((j for j in range(i, region[1]) if r.text(j) == ";" and r.around[j] == r.around[i]), None)
            if end is None:
                return
            if text == "return" and end > i + 1:
                self._return(i, end, region)
            elif not self._declares(i) and not UNSEEN.match(text):
                self._put(i, end, ";", region)

    def _begins(self, i):
        """A simple statement begins at @i."""
        r, before = self.r, self.r.text(i - 1)
        if r.text(i) in ("for", "do", "switch", "else", "default", "{", "}", ";", "if", "while", "case"):
            return False
        if before == ")":
            return r.text(r.match[i - 1] - 1) in ("if", "for", "while", "switch") or \
                r.text(r.match[i - 1] - 1).startswith("for_each")
        return before in ("{", "}", ";", "else", "do") or (before == ":" and self._is_label(i - 1))

    def _is_label(self, colon):
        r, j = self.r, colon - 1
        while j > r.around[colon] and r.text(j) not in (";", "{", "}", "?"):
            if r.text(j) in ("case", "default"):
                return True
            j -= 1
        return j == colon - 2

    def _return(self, i, end, region):
        r = self.r
        what = [r.text(j) for j in range(i + 1, end)]
        if len(what) == 1 and (what[0] in WORDS or r.tokens[i + 1].kind == "num"):
            return              # a constant: changed as such
        self._put(i + 1, end - 1, "0", region)
        if any(x in ("==", "!=", "<", ">", "<=", ">=", "&&", "||", "!") for x in what):
            self._put(i + 1, end - 1, "1", region)
        elif what[0] != "-":
            self._put(i + 1, end - 1, "(%s) + 1" % r.source[r.tokens[i + 1].start:r.tokens[end - 1].end], region)

    # ---- names ----

    def _named(self):
        source, seen, changes = self.r.source, collections.Counter(), []
        for (start, end, text), region in sorted(self.found.items()):
            first = source.rfind("\n", 0, start) + 1
            last = source.find("\n", end)
            old = blanks(source[first:last])
            new = blanks(source[first:start] + text + source[end:last])
            name = "%s %s: %s => %s" % (self.path.rsplit("/", 1)[-1], region[2], old, new)
            seen[name] += 1
            if seen[name] > 1:
                name = name.replace(" %s:" % region[2], " %s@%d:" % (region[2], seen[name]), 1)
            changes.append(Change(self.path, start, end, text, name))
        return changes


def blanks(text):
    return " ".join(re.sub(r"/\*.*?\*/", "", text, flags=re.S).split())


class Variants:
    """A file in which each changed function is there once for every change, chosen by the environment's MUTANT.

    So many mutants cost one build. Each function becomes itself under the name NAME__0, its variants NAME__1 and so
    on, and one that calls the chosen one.
    """

    CHOICE = """
#ifndef MUTANT_CHOICE
#define MUTANT_CHOICE
extern char *getenv(const char *name);
extern int atoi(const char *text);
static inline int mutant_choice(void)
{
	static int choice = -1;

	if (choice < 0)
		choice = getenv("MUTANT") ? atoi(getenv("MUTANT")) : 0;
	return choice;
}
#endif
"""

    def __init__(self, source):
        self.source = source
        self.r = Reader(source)
        self.lines = []         # of the text made last: first, last, number

    def function_of(self, change):
        """The function that it is in, None if it is in a table."""
        for region in self.r.regions:
            if self.r.tokens[region[0]].start < change.start < self.r.tokens[region[1]].end:
                return region if region[3] else None
        return None

    def text(self, numbered):
        """The file with {number: change}; numbers from 1."""
        by_region = collections.defaultdict(list)
        for number, change in numbered.items():
            by_region[self.function_of(change)].append((number, change))
        self.lines, out, at = [], "", 0
        for region in sorted(by_region):
            first = region[0] - 1
            while first >= 0 and self.r.text(first) not in (";", "}") or self.r.around[first] != -1:
                first -= 1
            start = self.r.tokens[first + 1].start
            out += self.source[at:start] + (self.CHOICE if not self.lines else "")
            at = self.r.tokens[region[1]].end
            for number, change in [(0, None)] + by_region[region]:
                line = out.count("\n") + 1
                out += self._variant(region, start, at, number, change) + "\n"
                self.lines.append((line, out.count("\n"), number))
            out += self._chooser(region, start, [number for number, _ in by_region[region]])
        # Variants in variants, written out where they are called, have no end.
        return (out + self.source[at:]).replace("__always_inline", "inline")

    def number_at(self, line):
        return next((n for first, last, n in self.lines if first <= line <= last and n), None)

    def _variant(self, region, start, end, number, change):
        name = self.r.tokens[self.r.match[region[0] - 1] - 1]
        text = self.source[start:name.end] + "__%d" % number
        if not change:
            return text + self.source[name.end:end]
        return text + self.source[name.end:change.start] + change.text + self.source[change.end:end]

    def _chooser(self, region, start, numbers):
        r, closed = self.r, region[0] - 1
        opened = r.match[closed]
        names, last = [], None
        for i in range(opened + 1, closed + 1):
            if r.tokens[i].kind == "id" and r.around[i] == opened:
                last = r.text(i)
            if (r.text(i) == "," and r.around[i] == opened) or i == closed:
                names.append(last)
        args = ", ".join(n for n in names if n and n != "void")
        name = r.text(opened - 1)
        cases = "".join("\tcase %d: return %s__%d(%s);\n" % (n, name, n, args) for n in numbers)
        return "%s\n{\n\tswitch (mutant_choice()) {\n%s\t}\n\treturn %s__0(%s);\n}\n" % (
            self.source[start:r.tokens[closed].end], cases, name, args)


def changes_of(path, source):
    """Every change of the file that the operators know."""
    return Maker(path, source).all()


def aimed(path, source, function, old, new):
    """The one place in @function where @old stands, made @new; a sentence if there is none or there are several."""
    spans = [(r.tokens[first].start, r.tokens[last].end) for r in [Reader(source)]
             for first, last, name, _ in r.regions if name == function]
    if not spans:
        return "there is no %s" % function
    pattern = re.compile(r"\s+".join(re.escape(word) for word in old.split()))
    found = [m for start, end in spans for m in pattern.finditer(source, start, end)]
    if len(found) != 1:
        return "it stands there %s" % ("%d times" % len(found) if found else "no more")
    name = "%s %s: %s => %s" % (path.rsplit("/", 1)[-1], function, blanks(old), blanks(new))
    return Change(path, found[0].start(), found[0].end(), new, name)
