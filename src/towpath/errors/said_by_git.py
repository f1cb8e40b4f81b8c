"""What git says when it refuses: of a push, of its own repository, of who you are.

The texts are git's own and, behind `remote:`, those of the server (GitHub's begin with GH and a number).
"""

from __future__ import annotations

from functools import partial

from towpath.errors.kinds import Kind, Retry

_said = partial(Kind, said_by="git")

PUSH_PROTECTED = _said(
    "push-protected",
    "A rule of the server protects that branch or tag, and this push breaks it: it asks for a pull request, for "
    "checks, for signatures, or keeps the name for certain people. Nothing was changed.",
    "The lines after `remote:` name the rule. Bring a release commit in by a pull request and tag what was merged, or "
    "let an administrator allow it to whoever releases (a ruleset's bypass list; tags `v*`).",
    recognises=(
        "GH006: Protected branch update failed",
        "protected branch hook declined",
        "GH013: Repository rule violations found",
        "push declined due to repository rule violations",
        "Cannot create ref due to creations being restricted",
        "Cannot update this protected ref",
        "Changes must be made through a pull request",
        "You are not allowed to push code to protected branches",
        "protected tag hook declined",
    ),
)
PUSH_HOOK_DECLINED = _said(
    "push-hook-declined",
    "A hook on the server looked at the push and declined it. Nothing was changed there.",
    "Its reason stands in the lines that begin with `remote:`, above this one. Mend that, then push again; the hook "
    "itself is in the server's or the organization's hands.",
    recognises=("(pre-receive hook declined)", "pre-receive hook declined", "update hook declined", "(hook declined)"),
)
PUSH_HOLDS_SECRET = _said(
    "push-holds-secret",
    "The server found a secret in the commits, and takes none of them.",
    "Revoke the secret first: it may be known already. Then take it out of every commit that is not pushed yet "
    "(`git rebase -i`), not only of the last one.",
    recognises=("Push cannot contain secrets", "GH009: Secrets detected", "push protection"),
)
PUSH_TOO_LARGE = _said(
    "push-too-large",
    "A file in the commits is larger than the server takes (GitHub: 100 MiB).",
    "Take it out of the commits that are not pushed yet; what is built (dist/) belongs into .gitignore, and large data "
    "into Git LFS.",
    recognises=("GH001: Large files detected", "exceeds GitHub's file size limit", "this exceeds file size limit"),
)
PUSH_PRIVATE_EMAIL = _said(
    "push-private-email",
    "The commits carry an e-mail address that its owner keeps private on GitHub.",
    "Set user.email to the noreply address of your GitHub settings, make the commit anew "
    "(`git commit --amend --reset-author`), then prove it again.",
    recognises=("GH007: Your push would publish a private email address",),
)
PUSH_WORKFLOW_SCOPE = _said(
    "push-workflow-scope",
    "The push changes a file under .github/workflows, and the token that was used may not.",
    "Push with a token that has the `workflow` scope, or by SSH. The job's own GITHUB_TOKEN never may.",
    recognises=("refusing to allow a … to create or update workflow", "without `workflow` scope"),
)
PUSH_FAILED = _said(
    "push-failed",
    "The push was refused; this line alone does not say why.",
    "The reason stands above it, in the lines with `! [rejected]`, `! [remote rejected]` or `remote:`. Give those to "
    "`invoke explain`. Never answer with --force.",
    recognises=("failed to push some refs",),
)
BRANCHES_DIVERGED = _said(
    "branches-diverged",
    "The branch here and the one on the remote each have commits that the other lacks, and git does not decide how to "
    "bring them together.",
    "`git pull --rebase`, or `git pull --no-rebase`, as the project does it; then let the gates prove the new commit.",
    recognises=(
        "Need to specify how to reconcile divergent branches",
        "Not possible to fast-forward, aborting",
        "have diverged, and have … different commits each",
    ),
)
NO_UPSTREAM = _said(
    "no-upstream",
    "The branch does not know which branch of the remote it belongs to.",
    "`git push --set-upstream origin BRANCH`, once; after that `git push` and `git pull` know it.",
    recognises=("has no upstream branch", "There is no tracking information for the current branch"),
)
REF_UNKNOWN = _said(
    "ref-unknown",
    "A branch, tag or commit of that name is not in this repository (or not on the remote).",
    "`git branch --all` and `git tag --list` show what there is; mind `main` and `master`. In CI, fetch first: a "
    "checkout brings one commit and no tags unless told to.",
    recognises=(
        "src refspec … does not match any",
        "couldn't find remote ref",
        "Remote branch … not found in upstream",
        "did not match any file(s) known to git",
    ),
)
REF_LOCKED = _said(
    "ref-locked",
    "Another git is writing to the same branch or tag, here or on the server, or one that was killed left its lock.",
    "Wait a moment and run it again. If it stays so and no git is running, delete the `.lock` file that is named.",
    retry=Retry.LATER,
    recognises=(
        "cannot lock ref",
        "failed to lock",
        "Unable to create '….lock': File exists",
        "reference already exists",
    ),
)
SIGNING_FAILED = _said(
    "signing-failed",
    "git is configured to sign, and could not: the key was not found, not unlocked, or there was no terminal to ask "
    "for its passphrase. No commit and no tag was made.",
    "Look at `git config user.signingkey` and gpg.format; unlock the key (`export GPG_TTY=$(tty)` for gpg, `ssh-add` "
    "for SSH). Then run it again. In CI, sign where the key is, or not at all.",
    recognises=(
        "gpg failed to sign the data fatal: failed to write commit object",
        "gpg failed to sign the data",
        "unable to sign the tag",
        "signing failed",
        "No secret key",
        "Inappropriate ioctl for device",
        "user.signingkey needs to be set for ssh signing",
        "Couldn't load public key",
        "either user.signingkey or gpg.ssh.defaultKeyCommand needs to be configured",
    ),
)
CLONE_SHALLOW = _said(
    "clone-shallow",
    "The clone is shallow: it holds the newest commits only, so tags and history that are needed are not there.",
    "`git fetch --unshallow --tags`; in GitHub Actions `fetch-depth: 0` at actions/checkout (the generated workflow "
    "has it where it is needed).",
    recognises=(
        "shallow update not allowed",
        "is shallow and may cause errors",
        "attempt to fetch/clone from a shallow",
    ),
)
VERSION_NOT_DETECTED = _said(
    "version-not-detected",
    "The version is taken from git's tags, and none was found: the clone is shallow, came without tags, or is an "
    "export without `.git`.",
    "`git fetch --tags --unshallow`, or `fetch-depth: 0` in the workflow. A project without any tag needs its first "
    "one: `invoke bump --part patch`, then `nox -s release`.",
    recognises=(
        "No names found, cannot describe anything",
        "setuptools-scm was unable to detect version",
        "unable to detect version for",
        "No tags can describe",
    ),
)
GIT_NOT_AUTHENTICATED = _said(
    "git-not-authenticated",
    "The server does not know who is pushing: no key, no token, or a password, which GitHub does not take.",
    "By SSH: `ssh -T git@github.com` must greet you. By HTTPS: use a token in place of the password "
    "(`gh auth login` sets it up). In GitHub Actions the checkout must keep its credential, or be given one.",
    recognises=(
        "Authentication failed for 'http",
        "could not read Username for",
        "could not read Password for",
        "Permission denied (publickey",
        "Support for password authentication was removed",
        "Password authentication is not supported for Git operations",
        "terminal prompts disabled",
        "Invalid username or token",
    ),
)
GIT_NOT_PERMITTED = _said(
    "git-not-permitted",
    "The server knows who you are, and does not let you write to this repository.",
    "Ask for write access, or push to your own fork. In GitHub Actions the job needs `permissions: contents: write`; a "
    "run from a fork never has it.",
    recognises=(
        "Permission to … denied to",
        "Write access to repository not granted",
        "The requested URL returned error: 403",
        "The key you are authenticating with has been marked as read only",
        "marked as read only",
        "You are not allowed to push code to this project",
    ),
)
GIT_REPOSITORY_NOT_FOUND = _said(
    "git-repository-not-found",
    "The server has no repository of that address, or does not show it to you: a private one looks as if it were not "
    "there.",
    "`git remote -v` shows the address. Correct it by `git remote set-url`, or log in as somebody who may see it.",
    recognises=("remote: Repository not found", "ERROR: Repository not found", "fatal: repository '…' not found"),
)
HOST_KEY_UNKNOWN = _said(
    "host-key-unknown",
    "SSH does not know the server's key, or knows another one, and goes no further.",
    "Compare the key with the one that the server publishes (GitHub: docs.github.com, SSH key fingerprints), then take "
    "it into known_hosts. If it has changed and nobody said so, find out why first.",
    recognises=("Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"),
)
LFS_MISSING = _said(
    "lfs-missing",
    "The repository keeps files in Git LFS, and git-lfs is not installed or a file's content is not to be had.",
    "Install git-lfs, `git lfs install`, `git lfs pull`; in GitHub Actions `lfs: true` at actions/checkout. A "
    "distribution built without would hold pointers in place of the files.",
    recognises=(
        "'lfs' is not a git command",
        "git-lfs: command not found",
        "configured for Git LFS but 'git-lfs' was not found",
        "smudge filter lfs failed",
        "unknown Git LFS object",
        "GH008: Your push referenced",
        "Object does not exist on the server",
        "filter-process' failed",
    ),
)
LFS_QUOTA = _said(
    "lfs-quota",
    "The account has used up what GitHub lets pass through Git LFS in a month.",
    "Its owner buys more or waits for the next month; in CI, fetch LFS files only in the jobs that need them.",
    retry=Retry.LATER,
    recognises=("This repository is over its data quota", "repository exceeded its LFS budget"),
)
NOTHING_TO_COMMIT = _said(
    "nothing-to-commit",
    "There is nothing to commit: what was to be written stands there already.",
    "See by `git log` whether the release commit was made before; then go on with `nox -s release`.",
    retry=Retry.NEVER,
    recognises=("nothing to commit, working tree clean", "nothing added to commit but untracked files present"),
)
GIT_DAMAGED = _said(
    "git-damaged",
    "The repository's own files are damaged: an object cannot be read. A full disk or a crash does that.",
    "`git fsck` names what is broken. Clone it anew beside this one and move over what was not pushed; release from "
    "the new clone.",
    recognises=("object file … is empty", "bad object HEAD", "loose object … is corrupt", "fatal: bad object"),
)
SUBMODULE_MISSING = _said(
    "submodule-missing",
    "A submodule could not be fetched: its address is missing, out of reach, or its commit was never pushed.",
    "Push the submodule's commit first, look at .gitmodules, then `git submodule update --init --recursive`; in GitHub "
    "Actions `submodules: true` at actions/checkout.",
    recognises=(
        "No url found for submodule path",
        "into submodule path",
        "Unable to fetch in submodule path",
        "Fetched in submodule path '…', but it did not contain",
    ),
)
