"""What services say, where they are to be asked: two requests, which cost nothing and change nothing."""

from collections.abc import Mapping

from jiti_bot.agent.client import connect as connect_model
from jiti_bot.doctor.diagnosis import Diagnosis, failed, note, ok, problem
from jiti_bot.errors import CredentialsError, JitiError
from jiti_bot.forge import address
from jiti_bot.forge.hub import connect as connect_hub

_PATIENCE = 20.0  # seconds for limits and troubles of GitHub


def model_service(model: str, env: Mapping[str, str], host: str) -> Diagnosis:
    """Whether the service takes the key and knows the model. ``host`` is that of the base URL, '' for the service."""
    try:
        client = connect_model(model, env)
    except CredentialsError:
        return note("service", "not asked: there is no key")
    except JitiError as error:
        return failed("service", error)
    who = host or client.address
    try:
        told = client.greet()
    except JitiError as error:
        return failed("service", error)
    finally:
        client.close()
    if told:
        return ok("service", f"{who} takes the key and has {model}")
    return ok("service", f"{who} answers; it does not tell which models it has")


def github(env: Mapping[str, str], remote: str) -> Diagnosis:
    """Whether GitHub takes the token, and what its account may do."""
    around = address.with_remote(env, remote)
    if not any(env.get(name, "").strip() for name in ("GITHUB_TOKEN", "GH_TOKEN")):
        return note("access", "not asked: there is no token")
    if not around.get("GITHUB_REPOSITORY"):
        return note("access", "not asked: origin is no repository on a GitHub")
    try:
        hub = connect_hub(around, patience=_PATIENCE)
        rights = hub.rights()
    except JitiError as error:
        return failed("access", error)
    if rights and not rights.get("push"):
        what = f"GitHub takes the token; its account may only read {hub.repository}"
        return problem("access", what, "Use a token of an account that may write there.")
    return ok("access", f"GitHub takes the token; its account may write to {hub.repository}")
