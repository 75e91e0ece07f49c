"""Flask-WTF in the same app: its check would refuse the forms of Daypass, which `web/csrf` protects."""

from flask import Blueprint, current_app, request


def exempt(blueprint: Blueprint, nested: list[Blueprint]) -> None:
    """Exempt these blueprints from `CSRFProtect`, whether the app initialises it before Daypass or after.

    Flask calls preprocessors of URLs before all `before_request` functions, one of which is that check.
    """

    @blueprint.url_value_preprocessor
    def exempt_all(*_: object) -> None:
        if protection := current_app.extensions.get("csrf"):
            for each in (blueprint, *nested):
                protection.exempt(each)


def csrf_field() -> tuple[str, str] | None:
    """The name and the value of the field with the token of Flask-WTF, if the form of this request has one."""
    name = current_app.config.get("WTF_CSRF_FIELD_NAME")
    value = request.form.get(name) if name else None
    return None if name is None or value is None else (name, value)
