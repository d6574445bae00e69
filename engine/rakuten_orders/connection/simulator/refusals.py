"""What the marketplace answers when it does not do what it was asked."""

from __future__ import annotations


class Refusal(Exception):
    """An error document to be.

    Codes and sentences are Rakuten's own where they are known (official page, samples, texts quoted by
    clients); that a refused state comes as a ParameterError is inferred.
    """

    def __init__(self, code: str, message: str, *details: str, type_: str = "Sender") -> None:
        self.code = code
        self.message = message
        self.details = details
        self.type = type_
        super().__init__(f"{code}: {message} {' '.join(details)}".rstrip())


def bad_parameters(*details: str) -> Refusal:
    """A ParameterError (official page)."""
    return Refusal("ParameterError", "Problem with parameters.", *details)


def mandatory(parameter: str) -> Refusal:
    """A parameter is missing or empty (official page)."""
    return bad_parameters(f"The parameter {parameter} is mandatory")


def invalid(parameter: str) -> Refusal:
    """A parameter has a value that the marketplace does not take (seen by a client's tests for itemid)."""
    return bad_parameters(f"The parameter '{parameter}' is invalid.")


def wrong_login() -> Refusal:
    """Login and token do not belong together; an e-mail as login gets the same (what production clients match)."""
    return Refusal("InvalidUserConnection", "Unknown user or password.", "Incorrect login or password")


def no_rights() -> Refusal:
    """The account is not a Professional one (code from a client, sentence inferred)."""
    return Refusal("InvalidUserRights", "User not allowed.", "Your account is not allowed to use this service.")


def quota_exceeded() -> Refusal:
    """The account's requests of this hour are used up (seen in samples)."""
    return Refusal(
        "InvalidUserRights",
        "Quota exceeded.",
        "You have exceeded the maximum number of requests per hour. "
        "Please contact support.pro@priceminister.com for more information.",
    )


def server_error(detail: str) -> Refusal:
    """The service failed by itself; the spelling is Rakuten's (official page, seen in samples)."""
    return Refusal("ServerError", "Server not able to fullfill request.", detail, type_="ServerError")


def already_accepted() -> Refusal:
    """Accepting or refusing what was accepted before (official text quoted by a client)."""
    return bad_parameters("Current status : CAPTURED - Required status : REQUESTED")


def already_gone() -> Refusal:
    """Accepting or refusing what was cancelled or refused; Rakuten writes an en dash here (the same source)."""
    return bad_parameters("Current status : EMPTIED – Required status : REQUESTED")


def not_cancellable() -> Refusal:
    """cancelitem before acceptance, after shipment, or twice (official text quoted by a client)."""
    return bad_parameters("This item cannot be cancelled")


def comment_too_long() -> Refusal:
    """cancelitem with more than 400 characters (official text quoted by a client)."""
    return bad_parameters("Your message cannot exceed 400 characters")


def not_confirmed_yet() -> Refusal:
    """Shipping or billing asked for before any item of the sale is accepted (code from a client)."""
    return Refusal("Unknown error", "Unknown error")


def wrong_number(item_id: str) -> Refusal:
    """The tracking number is unusable (official text quoted by a client)."""
    return bad_parameters(f"Article {item_id} : numéro incorrect")


def already_shipped(item_id: str) -> Refusal:
    """The item was shipped before; its number cannot be replaced (the same source)."""
    return bad_parameters(f"Article {item_id} : a déjà été expédié")


def wrong_status(item_id: str) -> Refusal:
    """The item is not confirmed: undecided, cancelled, waiting for stock, in a claim (the same source)."""
    return bad_parameters(
        f"Article {item_id} : statut incorrect. L'enregistrement de votre numéro de suivi n'est possible que si le "
        "statut de votre article est « confirmé »."
    )
