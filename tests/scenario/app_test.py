from app_host import AppHost
from browser import Browser
from world import Scenario


class App(Scenario):
    """The app in a real browser, over `godwit open`. What came of it is asked of another replica."""

    def show(self, replica, **how):
        """The app of this replica, unlocked, in a browser of its own."""
        self.host = AppHost(replica)
        self.addCleanup(self.host.kill)
        self.browser = Browser()
        self.addCleanup(self.browser.end)
        self.browser.open(f"http://{self.host.authority}/#k={self.host.secret}", **how)
        self.unlock()

    def unlock(self):
        self.browser.fill(css="#phrase", **{"with": self.host.phrase})
        self.browser.press(key="Enter")
        self.browser.wait(css="nav")

    def begin_visit(self, site):
        self.browser.click(role="link", name="New record")
        self.browser.click(role="button", name="Outreach visit")
        self.browser.click(role="button", name="Today")
        self.browser.click(role="button", name="Show all 29 terms")
        self.browser.check(label="Farm or plantation")
        self.browser.type(css="#field-site_name", **{"with": site})

    def saved(self):
        """Until the page says that everything on it is saved."""
        self.browser.wait(css=".pill.saved")
        self.browser.gone(css=".pill.waiting")

    def draft_at(self, replica, site):
        """Whether a visit at `site` is among the replica's own, however far it came."""
        for line in replica.call("list")["records"]:
            name = replica.show(line["record"])["fields"].get("site_name")
            if name and name.get("value") == site:
                return line["record"]
        return None

    def test_visit(self):
        """a visit written in the app is delivered by itself, and others read it"""
        self.show(self.asha)
        self.begin_visit("Block 7")
        self.saved()
        self.browser.click(role="button", name="Lock")
        self.browser.wait(css="#phrase")
        self.unlock()
        self.browser.wait(text="All delivered")
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.host.end(), 0)
        self.bela.sync()
        record = self.draft_at(self.bela, "Block 7")
        self.assertIsNotNone(record)
        self.assertEqual(self.bela.value(record, "site_type"), "farm")
        self.clean(self.asha, self.bela)

    def test_killed_while_writing(self):
        """browser and host killed as soon as the page says saved: every word is there"""
        for number in range(3):
            self.show(self.asha)
            self.begin_visit(f"Block {number}")
            self.saved()
            self.browser.kill()
            self.host.kill()
            self.assertIsNotNone(self.draft_at(self.asha, f"Block {number}"), number)
            self.asha.close()

    def test_glance(self):
        """neither address nor title tells of anybody, in no script does a page run wide"""
        record = self.visit(self.bela, site_name="عنبر ٧", narrative="أخذوا جوازات سفرنا.")
        self.settle(self.bela, self.asha)
        self.show(self.asha, width=320, height=640, language="ar", dark=True)
        self.browser.click(css="nav a", at=1)
        self.browser.click(css="ol a")
        self.browser.wait(text="أخذوا جوازات سفرنا.")
        self.assertNotIn(record[:8], self.browser.address())
        self.assertNotIn("سفرنا", self.browser.title())
        self.assertLessEqual(self.browser.overflow(), 0)
        self.assertEqual(self.browser.complaints(), [])

    def test_used_link(self):
        """a page without the link shows nothing, and says what to do"""
        self.show(self.asha)
        host, first = self.host, self.browser
        other = Browser()
        self.addCleanup(other.end)
        other.open(f"http://{host.authority}/#k={host.secret}")
        other.wait(text="Open the link")
        self.assertNotIn(host.secret, other.address())
        # Whoever was let in still is.
        first.click(role="link", name="Sync")
        first.wait(text="Last contact")

    def test_gone(self):
        """when the host is gone the page says so, and what it called saved is there"""
        self.show(self.asha)
        self.begin_visit("Block 9")
        self.saved()
        self.host.kill()
        self.browser.type(css="#field-site_name", **{"with": " east"})
        self.browser.wait(css=".note.danger")
        self.assertIsNotNone(self.draft_at(self.asha, "Block 9"))
