"""Both sides edit every kind of field; clocks that are wrong; orders of syncing."""

from world import Scenario, faketime, narrative, orders


class BothSidesEdit(Scenario):
    def given_a_shared_visit(self):
        record = self.visit(self.asha, confidentiality="internal", people_reached=3, purposes=["monitoring"],
                            narrative=narrative("bn", 1500), narrative_language="bn")
        self.settle()
        return record

    def test_open_and_sealed_values(self):
        """both sides edit every kind of field, and every value is shown, a sibling or settled"""
        record = self.given_a_shared_visit()
        first, second = narrative("ar", 900), narrative("my", 700, 3)
        self.asha.edit(record, site_type="shelter", narrative=first, confidentiality="sensitive",
                       risk_to_workers="low", latitude_microdegrees=23810331, longitude_microdegrees=90412521,
                       location_accuracy_m=20, location_source="gps")
        self.asha.call("count", record=record, field="people_reached", by=4)
        self.asha.call("add", record=record, field="issues_raised", value="WAGE.unpaid")
        self.asha.call("note", record=record, field="notes", value={"text": narrative("ta", 500)})
        self.bela.edit(record, site_type="labour_camp", narrative=second, confidentiality="identity",
                       risk_to_workers="high", latitude_microdegrees=23810999, longitude_microdegrees=90419999,
                       location_accuracy_m=5, location_source="gps")
        self.bela.call("count", record=record, field="people_reached", by=5)
        self.bela.call("add", record=record, field="issues_raised", value="RECR.fees")
        self.bela.call("note", record=record, field="notes", value={"text": narrative("si", 500)})
        self.settle()
        self.agree()

        shown = self.dina.show(record, siblings=True)["fields"]
        self.assertEqual(shown["people_reached"]["value"], 12)
        self.assertEqual(set(shown["issues_raised"]["value"]), {"WAGE.unpaid", "RECR.fees"})
        self.assertEqual(shown["confidentiality"]["value"], "identity")
        self.assertEqual(shown["risk_to_workers"]["value"], "high")
        self.assertEqual(len(shown["notes"]["value"]), 2)
        self.assertEqual({s["value"] for s in shown["narrative"]["siblings"]}, {first, second})
        self.assertTrue(shown["narrative"]["needs_review"])
        self.assertFalse(shown["site_type"]["needs_review"])
        self.assertEqual({s["value"] for s in shown["site_type"]["siblings"]}, {"shelter", "labour_camp"})
        self.assertTrue(shown["latitude_microdegrees"]["needs_review"])

        open_conflicts = {c["field"] for c in self.dina.call("conflicts")}
        self.assertIn("narrative", open_conflicts)
        self.assertIn("latitude_microdegrees", open_conflicts)
        for conflict in self.dina.call("conflicts"):
            if conflict["field"] == "narrative":
                self.assertIn(narrative("bn", 1500), str(conflict["base"]))

    def test_removal_against_addition(self):
        """a value taken out of a set by one and put in again by another stays in"""
        record = self.given_a_shared_visit()
        self.asha.call("remove", record=record, field="purposes", value="monitoring")
        self.bela.call("add", record=record, field="purposes", value="monitoring")
        self.settle()
        self.agree()
        self.assertEqual(self.dina.value(record, "purposes"), ["monitoring"])

    def test_supervisor_first(self):
        """a supervisor's coding stands before a worker's, and both are there to read"""
        record = self.asha.capture("follow_up", kind=self.a_kind("follow_up_types"))
        self.settle()
        self.asha.edit(record, is_closed=False)
        self.dina.edit(record, is_closed=True)
        self.settle()
        field = self.efua.show(record, siblings=True)["fields"]["is_closed"]
        self.assertIs(field["value"], True)
        self.assertTrue(field["needs_review"])
        self.assertEqual(len(field["siblings"]), 2)
        self.agree()

    def a_kind(self, vocabulary):
        return self.asha.call("vocabulary", name=vocabulary)["terms"][0]["code"]

    def test_amount_and_currency(self):
        """an amount is never shown with the other side's currency"""
        record = self.take_testimony(self.asha)
        self.asha.edit(record, wages_owed="1200.50", wages_owed_currency="BDT", wages_owed_period="month")
        self.asha.sync()
        self.settle(self.dina, self.efua)
        self.dina.edit(record, wages_owed="300", wages_owed_currency="USD", wages_owed_period="month")
        self.efua.edit(record, wages_owed="1100", wages_owed_currency="SAR", wages_owed_period="month")
        self.settle()
        shown = self.dina.show(record, siblings=True)["fields"]
        pairs = {(a["value"], b["value"]) for a, b in zip(shown["wages_owed"]["siblings"],
                                                           shown["wages_owed_currency"]["siblings"])}
        self.assertEqual(pairs, {("300", "USD"), ("1100", "SAR")})
        self.assertTrue(shown["wages_owed"]["needs_review"])
        conflict = next(c for c in self.dina.call("conflicts") if c["field"] == "wages_owed")
        kept = next(s["dot"] for s in conflict["siblings"] if s["value"] == "300")
        self.dina.call("resolve", record=record, field="wages_owed", keep=[kept])
        self.settle()
        shown = self.efua.show(record)["fields"]
        self.assertEqual((shown["wages_owed"]["value"], shown["wages_owed_currency"]["value"]), ("300", "USD"))
        self.assertFalse(shown["wages_owed"]["needs_review"])
        self.agree()


class Clocks(Scenario):
    def test_wrong_clocks(self):
        """clocks at 1970, 2099 and one hour off change nothing but the claimed time"""
        chandra = self.world.join("chandra", (self.team, "worker"), environment=faketime("@1970-01-02 00:00:00"))
        self.settle(self.dina, chandra)
        record = self.visit(self.bela)
        self.settle(self.bela, self.asha, self.efua, chandra)
        for replica, when in ((self.asha, "@2099-06-01 12:00:00"), (self.efua, "+1h")):
            replica.close()
            replica.environment = faketime(when)
        self.asha.edit(record, site_type="shelter", narrative="from 2099")
        chandra.edit(record, site_type="labour_camp", narrative="from 1970")
        self.efua.edit(record, narrative="an hour ahead")
        self.asha.sync()
        chandra.sync()
        self.efua.sync()
        self.settle()
        self.agree()
        shown = self.dina.show(record, siblings=True)["fields"]
        self.assertEqual(len(shown["narrative"]["siblings"]), 3)
        for sibling in shown["narrative"]["siblings"]:
            self.assertTrue(sibling["effective"].startswith("202"), sibling["effective"])
        claimed = {sibling["claimed"][:4] for sibling in shown["narrative"]["siblings"]}
        self.assertTrue({"1970", "2099"} <= claimed, claimed)
        self.dina.edit(record, site_type="factory")
        self.settle()
        self.assertEqual(self.asha.value(record, "site_type"), "factory", "a claim from 2099 wins nothing")
        self.settle(chandra)
        self.agree(self.asha, self.bela, chandra, self.dina, self.efua)


class Orders(Scenario):
    def test_every_order_one_record(self):
        """every order of syncing leaves the same values, in every replica"""
        seen = set()
        for order in orders(("asha", "bela", "dina", "efua"), 6):
            record = self.visit(self.asha)
            self.settle(rounds=1)
            self.settle(rounds=1)
            for name in ("asha", "bela", "dina", "efua"):
                self.world.replicas[name].edit(record, narrative=f"as {name} heard it", site_name="the mill")
            for name in order:
                self.world.replicas[name].sync()
            for name in order:
                self.world.replicas[name].sync()
            self.agree()
            seen.add(tuple(sorted(self.dina.siblings(record, "narrative"))))
        self.assertEqual(len(seen), 1)
