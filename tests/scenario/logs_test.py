"""Logs that fork, stores and servers that go back, answers that are lost."""

import shutil

from proxy import Proxy
from world import Scenario, clone, narrative


class Clones(Scenario):
    def two_copies(self):
        record = self.visit(self.asha)
        self.settle()
        copy = clone(self.asha, self.world.folder / "asha-copy")
        self.asha.edit(record, narrative="from the first copy", site_name="A")
        self.asha.call("count", record=record, field="people_reached", by=2)
        copy.edit(record, narrative="from the second copy", site_address="B")
        copy.call("count", record=record, field="people_reached", by=3)
        extra = self.visit(copy, narrative=narrative("ne", 600))
        self.world.replicas["asha-copy"] = copy
        return record, extra, copy

    def check(self, record, extra, copy):
        for _ in range(2):
            self.settle(self.asha, copy, self.bela, self.dina, self.efua)
        shown = self.dina.show(record, siblings=True)["fields"]
        self.assertEqual({s["value"] for s in shown["narrative"]["siblings"]},
                         {"from the first copy", "from the second copy"})
        self.assertEqual(shown["site_name"]["value"], "A")
        self.assertEqual(shown["site_address"]["value"], "B")
        self.assertEqual(shown["people_reached"]["value"], 5)
        self.assertEqual(self.dina.value(extra, "narrative"), narrative("ne", 600))
        self.agree(self.asha, copy, self.bela, self.dina, self.efua)
        self.assertEqual(self.asha.digest(), copy.digest())
        later = self.visit(copy, narrative="and on it goes")
        self.asha.edit(record, narrative="settled by hand")
        self.settle(self.asha, copy, self.dina)
        self.assertEqual(self.dina.value(later, "narrative"), "and on it goes")
        self.clean(self.asha, copy, self.dina)

    def test_first_copy_first(self):
        """a log cloned by copying the store folder, the first copy syncing first, loses nothing"""
        record, extra, copy = self.two_copies()
        self.asha.sync()
        copy.sync()
        self.check(record, extra, copy)

    def test_second_copy_first(self):
        """a log cloned by copying the store folder, the second copy syncing first, loses nothing"""
        record, extra, copy = self.two_copies()
        copy.sync()
        self.asha.sync()
        self.check(record, extra, copy)


class Restores(Scenario):
    def test_older_store(self):
        """a store restored from an older copy goes on without repeating a sequence"""
        record = self.visit(self.asha)
        self.asha.sync()
        older = clone(self.asha, self.world.folder / "asha-older")
        for number in range(5):
            self.asha.edit(record, narrative=f"version {number}")
        kept = self.visit(self.asha, narrative="delivered before the phone broke")
        self.asha.sync()
        self.asha.close()

        shutil.rmtree(self.asha.folder)
        shutil.copytree(older.folder, self.asha.folder)
        before = self.asha.call("status")["log"]
        fresh = self.visit(self.asha, narrative="after the restore")
        self.asha.edit(record, site_name="the new mill")
        self.settle()
        self.assertNotEqual(self.asha.call("status")["log"], before)
        for replica in (self.asha, self.dina):
            self.assertEqual(replica.value(record, "narrative"), "version 4")
            self.assertEqual(replica.value(record, "site_name"), "the new mill")
            self.assertEqual(replica.value(kept, "narrative"), "delivered before the phone broke")
            self.assertEqual(replica.value(fresh, "narrative"), "after the restore")
        self.agree()
        self.clean()

    def test_older_store_without_new_work(self):
        """a store restored from an older copy that only reads catches up"""
        older = clone(self.asha, self.world.folder / "asha-older")
        record = self.visit(self.asha, narrative="written and delivered")
        self.asha.sync()
        self.asha.close()
        shutil.rmtree(self.asha.folder)
        shutil.copytree(older.folder, self.asha.folder)
        self.settle(self.asha)
        self.assertEqual(self.asha.value(record, "narrative"), "written and delivered")
        self.agree(self.asha)

    def test_older_server(self):
        """a server restored from an older backup is offered again whatever it lacks"""
        record = self.visit(self.asha, narrative="before the backup")
        self.settle()
        backup = self.world.folder / "backup"
        self.server.run("backup", str(backup))
        self.asha.edit(record, narrative="after the backup", site_name="the mill")
        later = self.take_testimony(self.bela, narrative_original=narrative("am", 800))
        self.settle()
        self.dina.edit(record, narrative="as Dina settled it")
        self.dina.call("note", record=later, field="notes", value={"text": "call back"})
        self.settle()
        before = self.agree()

        self.server.stop()
        self.restore(backup)
        self.dina.sync()  # The supervisor first: her edits have seen what the server lost.
        for _ in range(2):
            self.settle(self.bela, self.asha, self.efua, self.dina)
        self.assertEqual(self.agree(), before, "the same states, byte for byte")
        self.assertEqual(self.efua.value(record, "narrative"), "as Dina settled it")
        self.assertEqual(self.efua.value(record, "site_name"), "the mill")
        self.assertEqual(self.efua.value(later, "narrative_original"), narrative("am", 800))
        self.clean()

    def restore(self, backup):
        """Puts the backup in the place of the server's database, as the runbook says."""
        lost = self.server.folder.parent / "lost"
        self.server.folder.rename(lost)
        self.server.run("restore", str(backup))
        for kept in lost.iterdir():  # Keys and certificate stand beside the database.
            if not kept.name.startswith("godwit.db") and not (self.server.folder / kept.name).exists():
                if kept.is_file():
                    shutil.copy(kept, self.server.folder / kept.name)
        self.server.start()


class LostAnswers(Scenario):
    def test_reply_lost_after_commit(self):
        """a reply lost after commit costs one more exchange and changes nothing"""
        proxy = Proxy(self.server.port)
        self.addCleanup(proxy.close)
        record = self.visit(self.asha, narrative=narrative("ur", 2000))
        self.asha.sync(f"https://127.0.0.1:{proxy.port}")
        self.asha.edit(record, narrative="heard again", people_reached=2)
        changes = self.server.run("status")["changes"]
        reached = 0
        for cut in range(400, 4000, 150):
            proxy.cut(down=cut)
            try:
                self.asha.sync(f"https://127.0.0.1:{proxy.port}")
            except Exception as refusal:  # noqa: BLE001
                self.assertEqual(getattr(refusal, "kind", None), "unreachable", str(refusal))
                if self.server.run("status")["changes"] > changes:
                    reached += 1
                    break
            else:
                break
        self.assertTrue(reached, "no cut fell between commit and reply")
        done = self.asha.sync()
        self.assertEqual(self.asha.call("status")["unsent"], 0, done)
        self.settle()
        self.assertEqual(self.dina.value(record, "people_reached"), 2)
        self.assertEqual(self.server.run("status")["changes"], changes + 1)
        self.agree()

    def test_cut_at_any_byte(self):
        """a sync cut at any byte, either way, resumes and stores one copy"""
        proxy = Proxy(self.server.port)
        self.addCleanup(proxy.close)
        through = f"https://127.0.0.1:{proxy.port}"
        self.visit(self.asha, narrative=narrative("fil", 3000))
        self.asha.sync(through)  # A whole one, handshake included, to know how long one is.
        whole_up, whole_down = proxy.bytes_up, proxy.bytes_down
        records = []
        for way, whole in (("up", whole_up), ("down", whole_down)):
            for part in range(24):
                cut = 1 + whole * part // 24
                records.append(self.visit(self.asha, narrative=f"{way} {cut}", people_reached=1))
                proxy.cut(**{way: cut})
                try:
                    self.asha.sync(through)
                except Exception as refusal:  # noqa: BLE001
                    self.assertEqual(getattr(refusal, "kind", None), "unreachable", str(refusal))
        self.assertGreater(proxy.cuts, 20, "the proxy hardly cut anything")
        proxy.cut()
        self.asha.sync(through)
        self.settle()
        for record in records:
            self.assertEqual(self.dina.value(record, "people_reached"), 1)
        self.assertEqual(self.asha.call("status")["unsent"], 0)
        self.agree()
        self.clean()
