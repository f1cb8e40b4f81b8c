// Records what GitHub's own @actions/expressions says, for tests/unit/test_expressions.py, which replays it without node:
//   npm install @actions/expressions && node tests/data/expressions.mjs > tests/data/expressions.json
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
const { data, Evaluator, Lexer, Parser, wellKnownFunctions } = await import(
  pathToFileURL(process.cwd() + "/node_modules/@actions/expressions/dist/index.js")
);
const version = JSON.parse(readFileSync(process.cwd() + "/node_modules/@actions/expressions/package.json")).version;

const contexts = {
  github: {
    ref: "refs/tags/v1.0.0", ref_name: "v1.0.0", ref_type: "tag", event_name: "push", actor: "Ada",
    event: { inputs: { "dry-run": "false" }, commits: [{ id: "a", files: ["x", "y"] }, { id: "b", files: ["z"] }, { other: 1 }] },
  },
  needs: {
    build: { result: "success", outputs: { version: "1.0.0", artifact: "12", empty: "" } },
    "verify-install": { result: "skipped", outputs: {} },
    test: { result: "failure", outputs: { Mixed: "Case" } },
  },
  matrix: { python: "3.10", number: 3.1, os: "ubuntu-latest", flag: true, nothing: null, list: [1, "two", null, [3]] },
  inputs: { "dry-run": false, version: "", level: "1" },
};

const atoms = [
  "null", "true", "false", "0", "1", "-1", "1.5", "NaN", "Infinity", "''", "' '", "'0'", "'1'", "'abc'", "'ABC'",
  "'true'", "'0x10'", "matrix.list", "needs", "fromJSON('[]')",
];
const small = ["null", "true", "false", "0", "2", "''", "'2'", "'b'", "'C'", "NaN", "matrix.list", "needs"];
const made = [];
for (const left of atoms) for (const right of atoms) made.push(`${left} == ${right}`);
for (const left of small) for (const right of small) for (const sign of ["<", ">="]) made.push(`${left} ${sign} ${right}`);
for (const atom of atoms) made.push(`!${atom}`, `${atom} && 'yes' || 'no'`, `format('{0}', ${atom})`, `toJSON(${atom})`, `join(${atom})`);
for (const number of [
  "1e3", "1E3", "-1e-3", "+7", ".5", "5.", "0x1F", "0o17", "1e21", "1e20", "123456789012345680000", "1e-6", "1e-7", "1.5e-7",
  "0.1", "0.30000000000000004", "-0", "1e400", "00012", "1.10", "3.10", "1e-16", "100", "1234567.891",
]) made.push(number, `format('{0}', ${number})`, `toJSON(${number})`, `'${number}' == ${number}`);
for (const string of ["'1e3'", "' 12 '", "'0x1f'", "'0o7'", "'12abc'", "'-Infinity'", "'Infinity'", "'1_000'", "'.5'", "'+1'", "'-'", "'.'"])
  made.push(`${string} == 1000`, `${string} > 0`, `${string} < 0`, `${string} == NaN`, `${string} >= 12`);

const written = `
github.ref
GITHUB.Ref_Name
github['ref_type']
github[ 'event' ].inputs['dry-run']
github.event.inputs.dry-run
github.missing
github.missing.deeper.still
github.ref.nothing
github.ref[0]
github.event.commits[0].id
github.event.commits[1].files[0]
github.event.commits[9].id
github.event.commits[-1]
github.event.commits['0'].id
github.event.commits[1.9].id
github.event.commits['x']
github.event.commits.*.id
github.event.commits.*.files
github.event.commits.*.files.*
github.event.commits.*.files[0]
github.event.commits[*].id
github.event.commits.*.missing
github.event.*.dry-run
join(github.event.commits.*.id, '-')
join(github.event.commits.*.files.*, '')
join(needs.*.result, ' ')
toJSON(needs.*.result)
contains(needs.*.result, 'failure')
contains(needs.*.result, 'FAILURE')
contains(needs.*.result, 'cancelled')
contains(needs, 'build')
contains(matrix.list, 1)
contains(matrix.list, '1')
contains(matrix.list, '')
contains(matrix.list, null)
contains(matrix.list, 'TWO')
contains('Hello', 'LL')
contains('Hello', '')
contains('', '')
contains(null, '')
contains(123, 2)
contains(true, 'RU')
contains('abc', matrix.list)
startsWith(github.ref, 'refs/tags/')
startsWith(github.ref, 'REFS/TAGS')
startsWith('', '')
startsWith(null, '')
startsWith('abc', 'abcd')
startsWith(12, 1)
startsWith(matrix.list, 'A')
endsWith(github.ref, '.0')
endsWith('abc', 'BC')
endsWith('abc', null)
endsWith(needs, 'x')
needs.build.outputs.version
needs.build.outputs.empty == ''
needs.build.outputs.none == ''
needs.build.outputs.none == null
needs.verify-install.result
needs['verify-install'].outputs
needs.VERIFY-INSTALL.result
needs.test.outputs.mixed
needs.none.result
needs.build == needs.build
needs == needs
matrix.list == matrix.list
fromJSON('[]') == fromJSON('[]')
matrix.python
matrix.number
matrix.flag
matrix.nothing
matrix.flag && 'on' || 'off'
matrix.list[0]
matrix.list[3][0]
matrix.list[true]
matrix.list[null]
matrix.list['']
needs[matrix.list]
inputs.dry-run
!inputs.dry-run
inputs.dry-run == false
inputs.dry-run == 'false'
github.event.inputs.dry-run == false
github.event.inputs.dry-run == 'false'
inputs.version || github.ref_name
inputs.version && 'a' || 'b'
inputs.level == 1
inputs.level > 0
'a' && 'b'
'' && 'b'
'' || 'b'
null || false
0 || ''
'' || 0 || null
1 && 2 && 3
1 || 2 && 0
(1 || 2) && 0
!1 == false
!(1 == false)
!!'x'
!!!''
1 < 2 == true
3 > 2 > 1
1 == 1 == 1
'a' < 'b'
'A' < 'b'
'a' < 'B'
'Z' > 'a'
'_' > 'a'
'' < 'a'
'10' < '9'
'10' < 9
true > false
true < false
null < 1
null <= 0
null >= null
'ß' == 'SS'
'é' == 'É'
'it''s'
''''
''''''
'a}}b'
'\\n'
format('Hello {0}', 'world')
format('{0}{1}{0}', 'a', 'b')
format('{{0}}', 1)
format('{{{0}}}', 1)
format('{0', 1)
format('0}', 1)
format('{}', 1)
format('{1}', 'a')
format('{a}', 'a')
format('{0:x}', 255)
format('{00}', 'z')
format('{', 1)
format('}', 1)
format('}}', 1)
format('{{', 1)
format('a}}{{b')
format('plain')
format('{0}', null)
format('{0}', matrix.list)
format('{0}', needs)
format(null)
format(12, 'a')
format()
join(matrix.list)
join(matrix.list, '')
join(matrix.list, null)
join(matrix.list, matrix.list)
join('abc', '-')
join(needs)
join(fromJSON('[]'), '-')
join()
join('a',)
contains('a', 'b',)
toJSON('a"b')
toJSON('tab\tend')
toJSON('é')
toJSON('a/b')
toJSON(fromJSON('{}'))
toJSON(fromJSON('[]'))
toJSON(fromJSON('{"a":[1,2,{"b":null}],"c":{}}'))
toJSON(needs)
toJSON(matrix)
toJSON(1 == 1)
fromJSON('1')
fromJSON('"x"')
fromJSON('null')
fromJSON('true')
fromJSON('[1, 2]')[1]
fromJSON('{"a": 1}').a
fromJSON('{"a": 1}').A
fromJSON('{"a": 1, "A": 2}').A
fromJSON('{"a": 1, "a": 2}').a
fromJSON('{"a": {"b": "c"}}')['a']['b']
fromJSON('')
fromJSON(' ')
fromJSON('abc')
fromJSON('{a: 1}')
fromJSON('[1,]')
fromJSON('NaN')
fromJSON('Infinity')
fromJSON('1e3')
fromJSON('-1.50')
fromJSON('01')
fromJSON(null)
fromJSON(needs)
fromJSON(true)
fromJSON(toJSON(needs)).build.result
case(true, 'a', 'b')
case(false, 'a', 'b')
case(false, 'a', true, 'b', 'c')
case(false, 'a', false, 'b', 'c')
case(1, 'a', 'b')
case(true, 'a')
case(true, 'a', true, 'b')
CONTAINS('abc', 'B')
StartsWith('abc', 'A')
tojson(1)
fromJson('1')
unknown('x')
github()
contains('a')
contains('a', 'b', 'c')
fromJSON()
fromJSON('1', '2')
toJSON()
endsWith('a')
unknown
unknown.property
env.X
true.x
null.x
True
TRUE
Null
nan
infinity
'abc'
'abc
abc'
"abc"
'abc'[0]
1.x
1 2
github github
github.
github..ref
.github
github.ref.
github[
github[]
github['ref'
github.[ref]
github.*ref
*
github.1
github.-x
github.x-y
github._x
github.x y
(
)
()
(github
github)
((github.ref))
(github).ref
(needs.*.result)[0]
contains(
contains(,)
contains('a' 'b')
contains(('a'), ('a'))
=
==
1 =
1 = 1
1 ==
== 1
1 === 1
1 !== 1
1 & 1
1 | 1
1 &&
&& 1
1 &&& 1
!
1 !
! true
1 + 1
1 - 1
1 -1
- 1
--1
+
a-b
-a
1a
0x
0xg
1.2.3
1e
@
#
$x
a$b
{}
a;b
github.ref_type == 'tag' && startsWith(github.ref_name, 'v')
github.event_name == 'push' || github.event_name == 'workflow_dispatch'
needs.build.result == 'success' && needs.test.result != 'success'
!contains(needs.*.result, 'failure') && needs.verify-install.result == 'skipped'
format('refs/tags/v{0}', needs.build.outputs.version) == github.ref
format('{0}-{1}', matrix.os, matrix.python)
fromJSON(needs.build.outputs.artifact) + 1
fromJSON(needs.build.outputs.artifact) > 11
github.event.commits.*.files[0] == null
github.ref == 'refs/tags/v1.0.0' && 'pypi' || 'testpypi'
(github.ref_type == 'branch' && 'testpypi') || (github.ref_type == 'tag' && 'pypi')
`.split("\n").filter((line) => line.trim());
written.push("((((((((((1))))))))))", "(".repeat(49) + "1" + ")".repeat(49), "(".repeat(50) + "1" + ")".repeat(50));
written.push("!".repeat(49) + "1", "!".repeat(50) + "1");
written.push("github\n  .ref", "\tgithub.ref\r\n", "1\n==\n1");

const revived = JSON.parse(JSON.stringify(contexts), (key, value) => {
  if (value === null) return new data.Null();
  if (typeof value === "string") return new data.StringData(value);
  if (typeof value === "number") return new data.NumberData(value);
  if (typeof value === "boolean") return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value);
  return new data.Dictionary(...Object.entries(value).map(([key, value]) => ({ key, value })));
});

function answer(expression) {
  try {
    const { tokens } = new Lexer(expression).lex();
    const tree = new Parser(tokens, Object.keys(contexts), []).parse();
    const value = new Evaluator(tree, revived).evaluate();
    return { expression, type: data.Kind[value.kind], text: value.coerceString(), json: wellKnownFunctions.tojson.call(value).coerceString() };
  } catch (error) {
    return { expression, error: error.message };
  }
}

const answers = [...new Set([...made, ...written])].map(answer);
process.stdout.write(`{"package": "@actions/expressions ${version}", "contexts": ${JSON.stringify(contexts)}, "answers": [\n`);
process.stdout.write(answers.map((one) => JSON.stringify(one)).join(",\n") + "\n]}\n");
