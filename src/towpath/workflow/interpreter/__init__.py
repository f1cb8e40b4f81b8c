"""GitHub Actions workflows, run for real on this machine.

`runner.run` runs a workflow for an event on a machine; `checking.check` finds faults in a workflow's text without
running it. Whatever is not known here (a key, an action, a function) is an error: a workflow that was half understood
would prove nothing. The rest, from the bottom: values, lexing, parsing, functions and evaluating are the language of
`${{ }}`; yaml, nouns and reading are the file; events, matrix, machine, jobs and steps are the run; actions/ holds what
`uses:` can name.

    machine = Machine(folder, repository=bare, environ=os.environ)
    result = run(Path(".github/workflows/release.yml").read_text(), Event.push_tag("v1.0.0"), machine)
    result.jobs["publish"].result
"""
