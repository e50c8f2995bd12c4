"""Who may, who may no longer, and what becomes of what they said."""

from world import Scenario, narrative, programs


class Revoked(Scenario):
    def test_retired(self):
        """a retired replica's remaining work enters, marked, and it gets nothing more"""
        record = self.visit(self.bela)
        self.settle()
        self.asha.edit(record, narrative="written before the phone was handed in")
        last = self.visit(self.asha, narrative="and one more visit")
        self.admin.call("revoke", replica=self.asha.id, manner="retired")
        self.admin.sync()
        newer = self.visit(self.bela, narrative="not for a retired phone")
        self.bela.sync()
        self.assertEqual(self.asha.sync()["standing"], "retired")
        self.settle(self.bela, self.dina)
        shown = self.dina.show(record, siblings=True)["fields"]["narrative"]
        self.assertEqual(shown["value"], "written before the phone was handed in")
        self.assertTrue(shown["siblings"][0]["mark"])
        self.assertEqual(self.dina.value(last, "narrative"), "and one more visit")
        self.refused("unknown_record", self.asha.show, newer)
        self.settle(self.bela, self.dina, self.efua)
        self.agree(self.bela, self.dina, self.efua)

    def test_compromised(self):
        """a compromised replica's work is parked for a supervisor to adopt, and its keys go"""
        record = self.visit(self.asha, narrative="seen before")
        self.settle()
        self.asha.edit(record, narrative="written after it was stolen, or was it?")
        other = self.visit(self.asha, narrative="a visit nobody else has")
        self.admin.call("revoke", replica=self.asha.id, manner="compromised")
        self.admin.sync()
        self.assertEqual(self.asha.sync()["standing"], "compromised")
        self.asha.close()
        self.refused_after_destruction()
        self.settle(self.bela, self.dina, self.efua)
        self.assertEqual(self.dina.value(record, "narrative"), "seen before")
        parked = self.dina.call("parked")
        self.assertTrue(all(item["reason"] == "replica_revoked" for item in parked), parked)
        wanted = [item for item in parked if item["record"] == record]
        self.assertTrue(wanted)
        self.dina.call("adopt", change=wanted[0]["change"])
        for item in parked:
            if item["record"] == other:
                self.dina.call("adopt", change=item["change"])
        self.settle(self.dina, self.efua, self.bela)
        self.assertEqual(self.efua.value(record, "narrative"), "written after it was stolen, or was it?")
        self.assertEqual(self.efua.value(other, "narrative"), "a visit nobody else has")
        self.agree(self.bela, self.dina, self.efua)

    def refused_after_destruction(self):
        with self.assertRaises(programs.Refused) as caught:
            self.asha.run("status")
        self.assertIn(caught.exception.exit_code, (1, 4))

    def test_access_withdrawn(self):
        """access withdrawn while edits are unsent parks them, and the team's records go"""
        record = self.visit(self.bela, narrative="the team's")
        self.settle()
        self.asha.edit(record, narrative="unsent when access was withdrawn")
        self.admin.call("member", member=self.asha.member, name="Asha",
                        places=[{"team": self.other_team, "role": "worker"}])
        self.admin.sync()
        done = self.asha.sync()
        self.assertEqual([item["reason"] for item in done["parked"]], ["not_permitted"])
        self.settle(self.asha, self.bela, self.dina, self.efua)
        self.assertEqual(self.dina.value(record, "narrative"), "the team's")
        self.refused("unknown_record", self.asha.show, record)
        change = next(item for item in self.dina.call("parked") if item["record"] == record)
        self.dina.call("adopt", change=change["change"])
        self.settle(self.dina, self.bela, self.efua, self.asha)
        self.assertIn("unsent when access was withdrawn", self.bela.siblings(record, "narrative"))
        self.agree()


class Parking(Scenario):
    def test_one_bad_change_among_many(self):
        """one change the server must park among five hundred good ones costs only itself"""
        record = self.visit(self.bela)
        self.settle()
        good = self.asha.call("capture_many", records=[
            {"type": "visit", "fields": {"date": "2026-11-20", "site_type": "factory", "people_reached": n + 1}}
            for n in range(250)])["records"]
        bad = self.bad_change(record)
        good += self.asha.call("capture_many", records=[
            {"type": "visit", "fields": {"date": "2026-11-20", "site_type": "shelter", "people_reached": n + 251}}
            for n in range(250)])["records"]
        done = self.asha.sync()
        self.assertEqual(len(done["parked"]), 1, done["parked"])
        self.assertEqual(done["parked"][0]["change"], bad)
        self.settle()
        self.assertEqual(self.asha.call("status")["unsent"], 0)
        numbers = sorted(self.dina.value(item if isinstance(item, str) else item["record"], "people_reached")
                         for item in good)
        self.assertEqual(numbers, list(range(1, 501)))
        self.agree()
        self.clean()

    def bad_change(self, record):
        """An edit of a record that was erased meanwhile: nothing the server may merge."""
        self.dina.call("erase", record=record)
        self.dina.sync()
        return self.asha.edit(record, narrative="written offline, after the erasure")["change"]


class Erasure(Scenario):
    def test_consent_withdrawn(self):
        """consent withdrawn while another replica edits offline erases everywhere and says who has not confirmed"""
        secret = "canary" + "q" * 20
        record = self.take_testimony(self.asha, narrative_original=narrative("es", 900) + secret)
        self.settle()
        self.efua.call("note", record=record, field="notes", value={"text": "I rang her, " + secret})
        self.dina.call("erase", record=record)
        self.dina.sync()
        state = self.dina.show(record)
        self.assertTrue(state["erased"])
        self.assertIn(self.efua.id, state["unconfirmed"])
        done = self.efua.sync()
        self.assertEqual([item["reason"] for item in done["parked"]], ["record_erased"])
        self.settle()
        for replica in (self.dina, self.efua):
            shown = replica.show(record)
            self.assertTrue(shown["erased"])
            self.assertEqual(shown["fields"], {})
        self.assertNotIn(self.efua.id, self.dina.show(record)["unconfirmed"])
        self.refused("record_erased", self.efua.call, "note", record=record, field="notes", value={"text": "again"})
        self.agree()
        self.clean()

    def test_a_worker_may_not_erase_what_is_not_theirs(self):
        """erasing another's record is refused"""
        record = self.visit(self.asha)
        self.settle()
        self.refused("not_permitted", self.bela.call, "erase", record=record)
        self.assertEqual(self.bela.show(record)["type"], "visit")


class Review(Scenario):
    def approved(self):
        record = self.visit(self.asha, narrative="as approved")
        self.settle()
        self.dina.call("review", record=record, step="start")
        self.dina.call("review", record=record, step="approve")
        return record

    def test_returned_record(self):
        """a returned testimony comes back to its author's hands, is corrected and approved"""
        record = self.take_testimony(self.asha, narrative_original=narrative("ne", 700))
        self.settle()
        self.settle()
        self.assertFalse(self.asha.show(record)["fields"]["narrative_original"]["readable"],
                         "a finished testimony is handed over")
        self.dina.call("review", record=record, step="start")
        self.refused("wrong_parameters", self.dina.call, "review", record=record, step="return")
        self.dina.call("review", record=record, step="return", note="Which month did the wages stop?")
        self.settle(self.dina, self.asha)
        shown = self.asha.show(record)
        self.assertEqual(shown["review"], "returned")
        self.assertEqual(shown["fields"]["narrative_original"]["value"], narrative("ne", 700))
        self.assertIn("Which month", str(shown["fields"]["review_notes"]["value"]))
        self.asha.call("note", record=record, field="notes", value={"text": "In March, she says."})
        self.asha.call("review", record=record, step="submit")
        self.settle()
        self.dina.call("review", record=record, step="approve")
        self.settle()
        self.assertEqual(self.efua.show(record)["review"], "approved")
        self.assertIn("In March", str(self.efua.value(record, "notes")))
        self.refused("transition_not_allowed", self.bela.call, "review", record=self.visit(self.bela),
                     step="approve")
        self.settle()
        self.agree()

    def test_approval_overtaken(self):
        """an approval overtaken by a late edit is reopened"""
        record = self.approved()
        self.bela.edit(record, narrative="late, and unseen by the approval")
        self.dina.sync()
        self.bela.sync()
        self.settle()
        shown = self.efua.show(record)
        self.assertEqual(shown["review"], "reopened")
        self.dina.call("review", record=record, step="start")
        self.dina.call("review", record=record, step="approve")
        self.settle()
        self.assertEqual(self.efua.show(record)["review"], "approved")
        self.agree()

    def test_two_supervisors(self):
        """two supervisors resolving the same conflict differently make one more conflict, and no value is lost"""
        record = self.visit(self.asha)
        self.settle()
        self.asha.edit(record, narrative="as Asha heard it")
        self.bela.edit(record, narrative="as Bela heard it")
        self.settle()
        self.settle()
        for replica, wanted in ((self.dina, "as Asha heard it"), (self.efua, "as Bela heard it")):
            conflict = next(c for c in replica.call("conflicts") if c["field"] == "narrative")
            dot = next(s["dot"] for s in conflict["siblings"] if s["value"] == wanted)
            replica.call("resolve", record=record, field="narrative", keep=[dot])
        self.settle()
        self.assertEqual(set(self.bela.siblings(record, "narrative")), {"as Asha heard it", "as Bela heard it"})
        conflict = next(c for c in self.dina.call("conflicts") if c["field"] == "narrative")
        self.dina.call("resolve", record=record, field="narrative", keep=[s["dot"] for s in conflict["siblings"]])
        self.settle()
        self.assertEqual(self.efua.call("conflicts"), [])
        self.assertEqual(set(self.efua.value(record, "narrative")), {"as Asha heard it", "as Bela heard it"})
        self.agree()


class NewerSchema(Scenario):
    def test_relayed_through_an_older_replica(self):
        """a newer schema's fields and types pass byte for byte through an older server and replica"""
        newer = programs.binaries() / "next"
        if not (newer / "godwit").exists():
            self.fail("godwit of the next schema is not built: cmake --build --preset dev")
        self.asha.close()
        self.efua.close()
        for replica in (self.asha, self.efua):
            replica.command = lambda *a, r=replica: [newer / "godwit", "--store", r.folder, "--phrase-file", r.phrase_file, *a]
        record = self.asha.capture("visit", date="2026-11-20", site_type="factory", weather="monsoon",
                                   narrative="heavy rain", footpath="a plank over the ditch")
        strange = self.asha.capture("site", label="Dormitory 4", note="three floors, one exit")
        self.settle()
        self.settle()
        shown = self.bela.show(record)
        self.assertNotIn("weather", shown["fields"])
        self.bela.edit(record, narrative="rain, and the road gone")
        self.bela.call("note", record=record, field="notes", value={"text": "older app, same record"})
        self.settle()
        shown = self.efua.show(record)["fields"]
        self.assertEqual(shown["weather"]["value"], "monsoon")
        self.assertEqual(shown["footpath"]["value"], "a plank over the ditch")
        self.assertEqual(shown["narrative"]["value"], "rain, and the road gone")
        # Whom records of a type are for that the server does not know, it does not know either.
        self.refused("unknown_record", self.efua.show, strange)
        self.assertEqual(self.asha.value(strange, "note"), "three floors, one exit")
        self.agree()
        self.clean()
