"""What is wrong is refused with what and where, and nothing changes."""

import re
import shutil
import subprocess
from pathlib import Path

import canaries
from world import Replica, Scenario, World, faketime, narrative, programs


class BadInput(Scenario):
    def unchanged(self):
        return self.asha.call("status")["saved"], self.asha.call("status")["records"]

    def test_values(self):
        """a malformed value, an unknown field and a date that is none are refused by name, and nothing changes"""
        before = self.unchanged()
        for code, fields in (
            ("wrong_value", {"date": "2026-02-30", "site_type": "factory"}),
            ("wrong_value", {"date": "yesterday", "site_type": "factory"}),
            ("wrong_value", {"date": "2026-11-20", "site_type": "palace"}),
            ("wrong_value", {"date": "2026-11-20", "site_type": "factory", "people_reached": "many"}),
            ("wrong_value", {"date": "2026-11-20", "site_type": "factory", "people_reached": 1.5}),
            ("wrong_value", {"date": "2026-11-20", "site_type": "factory", "narrative": 7}),
            ("wrong_value", {"date": "2026-11-20", "site_type": "factory", "purposes": "monitoring"}),
            ("unknown_field", {"date": "2026-11-20", "site_type": "factory", "mood": "good"}),
            ("missing_field", {"site_type": "factory"}),
        ):
            with self.subTest(fields=list(fields), code=code):
                refusal = self.refused(code, self.asha.call, "capture", type="visit", fields=fields)
                self.assertNotIn("palace", refusal.message)
        self.refused("unknown_type", self.asha.call, "capture", type="gossip", fields={})
        self.refused("unknown_record", self.asha.call, "show", record="00000000")
        self.refused("unknown_method", self.asha.call, "dance")
        self.assertEqual(self.unchanged(), before)

    def test_files_and_arguments(self):
        """a file that is not JSON, a missing one, and a sealed value in an argument are refused"""
        before = self.unchanged()
        self.asha.close()
        broken = self.world.folder / "broken.json"
        broken.write_text('{"date": ')
        self.refused("not_json", self.asha.run, "capture", "visit", "--from", str(broken))
        self.refused("file_unreadable", self.asha.run, "capture", "visit", "--from", str(broken) + "-not-there")
        self.refused("sealed_in_argument", self.asha.run, "capture", "visit", "--field", "narrative=she said")
        done = self.asha.run("capture", "visit", "--field", "date=2026-11-20", "--field", "site_type=factory")
        self.assertEqual(len(done["record"]), 32)
        self.assertEqual(self.unchanged()[1], before[1] + 1)
        usage = subprocess.run([str(a) for a in self.asha.command("capture")], capture_output=True, text=True)
        self.assertEqual(usage.returncode, 2, usage.stderr)

    def test_phrase(self):
        """a wrong phrase opens nothing and deletes nothing"""
        self.asha.close()
        right = self.asha.phrase_file.read_text()
        self.asha.phrase_file.write_text("bade bade bade bade bade bade bade")
        refusal = self.refused("wrong_phrase", self.asha.run, "status")
        self.assertEqual(refusal.exit_code, 1)
        self.asha.phrase_file.write_text(right)
        self.assertTrue(self.asha.run("unlock-check") is not None)

    def test_store_that_cannot_be_opened_yet(self):
        """rpc answers each line with why the store cannot be opened, and goes on once it can"""
        self.asha.close()
        asha = Replica("asha-in-pipe", self.asha.folder)
        # The descriptor gives the phrase only once.
        asha.command = lambda *_: ["sh", "-c", 'exec "$0" --store "$1" --phrase-fd 9 rpc 9< "$2"',
                                   programs.binaries() / "godwit", asha.folder, self.asha.phrase_file]
        self.addCleanup(asha.kill)
        self.asha.open().call("status")
        self.refused("store_in_use", asha.call, "status")
        self.asha.close()
        in_the_way = asha.folder / "store.db-wal.new"
        in_the_way.mkdir()
        self.refused("storage_failed", asha.call, "status")
        self.refused("storage_failed", asha.call, "capture", type="visit", fields={})
        in_the_way.rmdir()
        self.assertEqual(asha.call("show", record=self.visit(asha))["type"], "visit")

    def test_corrupted_store(self):
        """a corrupted store is named corrupt, with exit code 4, and its bytes are kept"""
        self.visit(self.asha, narrative=narrative("en", 4000))
        self.asha.close()
        store = next(self.asha.folder.glob("store.db"))
        whole = store.read_bytes()
        # Wherever something is written: what was never used, or wiped, is all zeros.
        written = [match.start() for match in re.finditer(rb"[^\0]{48}", whole[4096:])]
        places = written[:: max(1, len(written) // 12)]
        self.assertGreater(len(places), 5)
        for at in places:
            damaged = bytearray(whole)
            for offset in range(48):
                damaged[4096 + at + offset] ^= 0x5A
            store.write_bytes(bytes(damaged))
            with self.assertRaises(programs.Refused, msg=f"damage at {4096 + at} unnoticed") as caught:
                self.asha.run("verify")
            self.assertEqual(caught.exception.exit_code, 4, str(caught.exception))
        store.write_bytes(whole)
        self.assertEqual(self.asha.run("verify")["problems"], [])

    def test_corrupted_backup(self):
        """a corrupted backup is not restored and leaves nothing behind"""
        self.visit(self.asha)
        self.settle()
        backup = self.world.folder / "backup"
        self.server.run("backup", str(backup))
        data = bytearray(backup.read_bytes())
        # Where something is written: most of the middle of so small a file is unused.
        middle = re.search(rb"[^\0]{16}", data[len(data) // 2 :]).start() + len(data) // 2
        for at in range(middle, min(middle + 200, len(data))):
            data[at] ^= 0xFF
        backup.write_bytes(bytes(data))
        target = programs.Server(self.world.folder / "restored")
        with self.assertRaises(programs.Refused) as caught:
            target.run("restore", str(backup))
        self.assertEqual(caught.exception.exit_code, 4, str(caught.exception))
        self.assertFalse((target.folder / "godwit.db").exists())

    def test_invitations(self):
        """an invitation used twice, cut short, or run out is refused, and enrols nobody"""
        invitation = self.world.invite("Chandra", (self.team, "worker"))
        self.admin.sync()
        self.world.enrol("chandra", invitation)
        again = Replica("again", self.world.folder / "again")
        refusal = self.refused("invitation_used", again.enrol, invitation)
        self.assertEqual(refusal.exit_code, 1)
        cut = Replica("cut", self.world.folder / "cut")
        self.refused("malformed", cut.enrol, invitation[: len(invitation) // 2])
        member = self.admin.call("member", name="Late", places=[{"team": self.team, "role": "worker"}])["member"]
        self.admin.close()
        self.admin.environment = faketime("-3d")
        late = self.admin.call("invite", member=member, days=1)["invitation"]
        self.admin.close()
        self.admin.environment = {}
        self.admin.sync()
        old = Replica("old", self.world.folder / "old")
        self.refused("invitation_expired", old.enrol, late)

    def test_another_organisation(self):
        """a store of another organisation is refused by the server, and an invitation does not mix"""
        other = World(self.world.folder / "elsewhere")
        self.addCleanup(other.close)
        other.found("Elsewhere", "Olga")
        team = other.team("Away")
        stranger = other.join("stranger", (team, "worker"))
        record = stranger.capture("visit", date="2026-11-20", site_type="factory")
        stranger.close()
        self.refused("wrong_server", stranger.sync, self.server.url)
        self.assertEqual(stranger.show(record)["type"], "visit")
        stranger.sync()
        self.refused("already_enrolled", stranger.enrol, self.world.invite("Twice", (self.team, "worker")))


class Blindness(Scenario):
    def test_canaries(self):
        """nothing readable of 200 sealed strings in the server's folder, backup, diagnostics, or a locked store"""
        words = canaries.make(200)
        for number in range(0, 200, 5):
            some = words[number:number + 5]
            self.asha.capture("testimony", taken_on="2026-11-20", narrative_original=narrative("en", 500) + some[0],
                              employers=[some[1]], occupation=some[2],
                              notes=[{"text": some[3]}], interpreter=some[4])
        self.settle()
        self.settle()
        shown = str([self.dina.show(r["record"]) for r in self.dina.call("list", type="testimony", limit=100)["records"]])
        self.assertTrue(all(word in shown for word in words), "the supervisor reads them all")
        backup = self.world.folder / "backup"
        self.server.run("backup", str(backup))
        self.server.run("status")
        self.server.run("verify")
        for replica in self.world.replicas.values():
            replica.close()
        places = [self.server.folder, backup, self.server.diagnostics, *(r.folder for r in self.world.replicas.values())]
        hits, searched = canaries.search(places, words)
        self.assertEqual(hits, [])
        self.assertGreater(searched, 500_000)
        planted = self.world.folder / "planted"
        planted.write_bytes(b"..." + words[0].encode())
        self.assertTrue(canaries.search([planted], words)[0], "the search itself finds what is there")
        self.server.stop()
        hits, _ = canaries.search([self.server.folder, self.server.diagnostics], words)
        self.assertEqual(hits, [])
        self.assertTrue(Path(self.server.folder).exists() and shutil)
