"""Holds every call that a scenario makes, and its result, to the description of the replica's face.

Programs in other languages are made from that description: what it says of a result must be so.
"""

import json
from pathlib import Path

import jsonschema

DESCRIPTION = json.loads((Path(__file__).resolve().parents[2] / "shared/spec/replica-call.openrpc.json").read_text())


def validator(schema):
    return jsonschema.Draft7Validator({**schema, "components": DESCRIPTION["components"]})


def parameters_schema(method):
    return {
        "type": "object",
        "properties": {each["name"]: each["schema"] for each in method["params"]},
        "required": [each["name"] for each in method["params"] if each["required"]],
        "additionalProperties": False,
    }


PARAMETERS = {method["name"]: validator(parameters_schema(method)) for method in DESCRIPTION["methods"]}
RESULTS = {method["name"]: validator(method["result"]["schema"]) for method in DESCRIPTION["methods"]}


HELD = set()  # The methods that were called.


class NotAsDescribed(AssertionError):
    pass


def hold(method, parameters, result):
    """Fails with NotAsDescribed, saying where, when the call or its result is not as described."""
    HELD.add(method)
    for what, validators, said in (("parameters", PARAMETERS, parameters), ("result", RESULTS, result)):
        fault = jsonschema.exceptions.best_match(validators[method].iter_errors(said))
        if fault is not None:
            raise NotAsDescribed(f"{method}, {what}{fault.json_path[1:]}: {fault.message[:300]}")
