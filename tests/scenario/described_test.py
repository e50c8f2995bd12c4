import unittest

import described
from world import Template


class Described(unittest.TestCase):
    def test_shapes(self):
        """what is not as described is noticed"""
        good = {"record": "0" * 32, "change": "0" * 32 + ":1"}
        described.hold("erase", {"record": "0000"}, good)
        for parameters, result in (
            ({}, good),
            ({"record": "0000", "more": 1}, good),
            ({"record": "0000"}, {**good, "more": 1}),
            ({"record": "0000"}, {"record": good["record"]}),
            ({"record": "0000"}, {**good, "change": "0" * 32}),
        ):
            with self.assertRaises(described.NotAsDescribed):
                described.hold("erase", parameters, result)

    def test_every_call_is_held(self):
        """every call of a scenario is held to the description"""
        self.assertIsNotNone(Template.get())
        self.assertIn("sync", described.HELD)
