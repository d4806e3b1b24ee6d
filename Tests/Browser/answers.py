"""Answers of the daemon, changed on their way to the page."""

from playwright.sync_api import Error


def amend(page, pattern, change):
    """Changes each answer to a question; one that the page no longer waits for is left."""
    def handle(route):
        try:
            answer = route.fetch()
            body = answer.json()
        except Error:
            return
        change(body)
        route.fulfill(response=answer, json=body)

    page.route(pattern, handle)
