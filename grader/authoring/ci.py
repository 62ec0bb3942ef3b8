"""What makes a student repository check itself: a workflow of GitHub Actions and a pipeline of GitLab.

Both run the visible checks only, in a repository that belongs to the student: what they say is advice. The workflow has
the name and the last step that GitHub Classroom looks for; anywhere else the step only writes a notice.
"""

from __future__ import annotations

INSTALL = "python -m pip install cnn-grader"
PYTHON = "3.12"

WORKFLOW = f"""\
# Checks your work with the visible cases at each push. Your points are given elsewhere, with hidden ones.
name: Autograding Tests
on: [push, pull_request, workflow_dispatch, repository_dispatch]
permissions:
  contents: read
  checks: write
  actions: read
jobs:
  run-autograding-tests:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    if: github.actor != 'github-classroom[bot]'
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "{PYTHON}"
      - name: Install the checker
        run: {INSTALL}
      - name: Check
        id: check
        run: grader check --format github --format classroom --format junit=report.xml
      - name: Keep the report
        if: always() && hashFiles('report.xml') != ''
        uses: actions/upload-artifact@v4
        with:
          name: report
          path: report.xml
      - name: Autograding Reporter
        if: always() && steps.check.outputs.result != ''
        uses: classroom-resources/autograding-grading-reporter@v1
        env:
          CHECK_RESULTS: "${{{{ steps.check.outputs.result }}}}"
        with:
          runners: check
"""

PIPELINE = f"""\
# Checks your work with the visible cases at each push. Your points are given elsewhere, with hidden ones.
check:
  image: python:{PYTHON}-slim
  timeout: 30 minutes
  variables:
    PIP_CACHE_DIR: "$CI_PROJECT_DIR/.cache/pip"
  cache:
    paths:
      - .cache/pip
  before_script:
    - {INSTALL}
  script:
    - grader check --format text --format junit=report.xml
  artifacts:
    when: always
    paths:
      - report.xml
    reports:
      junit: report.xml
"""

FILES = {".github/workflows/classroom.yml": WORKFLOW, ".gitlab-ci.yml": PIPELINE}
