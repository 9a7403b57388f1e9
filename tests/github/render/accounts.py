"""Accounts and apps as documents."""

from tests.github.state import START, Person, State

Json = dict[str, object]
WEB = "https://github.com"
EPOCH = START.strftime("%Y-%m-%dT%H:%M:%SZ")
# Accounts that have the same number for everybody.
_KNOWN = {"github-actions[bot]": 41898282, "web-flow": 19864447}
_LINKS = ("followers", "subscriptions", "organizations", "repos", "received_events")


def number(person: Person) -> int:
    """The id of an account."""
    return _KNOWN.get(person.login, person.id)


def email(person: Person) -> str:
    """The address under which the service commits for an account."""
    if person.login == "web-flow":
        return "noreply@github.com"
    return f"{number(person)}+{person.login}@users.noreply.github.com"


def by_email(state: State, address: str) -> str | None:
    """The login that an address belongs to."""
    return next((person.login for person in state.people.values() if email(person) == address), None)


def user(api: str, person: Person) -> Json:
    """A simple-user."""
    url = f"{api}/users/{person.login}"
    page = f"{WEB}/apps/{person.login.removesuffix('[bot]')}" if person.type == "Bot" else f"{WEB}/{person.login}"
    return {
        "login": person.login,
        "id": number(person),
        "node_id": f"U_{number(person)}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number(person)}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": page,
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "events_url": f"{url}/events{{/privacy}}",
        **{f"{name}_url": f"{url}/{name}" for name in _LINKS},
        "type": person.type,
        "site_admin": False,
    }


def full_user(api: str, person: Person) -> Json:
    """A public-user: what one's own token shows."""
    return user(api, person) | {
        "name": person.login,
        "company": None,
        "blog": "",
        "location": None,
        "email": None,
        "hireable": None,
        "bio": None,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": EPOCH,
        "updated_at": EPOCH,
    }


def app(api: str, person: Person) -> Json | None:
    """The app behind a bot's account; None for people."""
    if person.type != "Bot":
        return None
    slug = person.login.removesuffix("[bot]")
    return {
        "id": number(person),
        "slug": slug,
        "node_id": f"A_{number(person)}",
        "owner": user(api, person),
        "name": slug,
        "description": None,
        "external_url": f"https://example.org/{slug}",
        "html_url": f"{WEB}/apps/{slug}",
        "created_at": EPOCH,
        "updated_at": EPOCH,
        "permissions": {},
        "events": [],
    }
