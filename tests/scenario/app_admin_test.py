from pathlib import Path

from app_host import AppHost
from browser import Browser
from world import Replica, Scenario

NARROW = {"width": 320, "height": 640}


class AppAdmin(Scenario):
    """The administrator's screens, dark, at the width of the smallest phone."""

    def open_app(self):
        host = AppHost(self.admin)
        self.addCleanup(host.kill)
        self.browser = Browser()
        self.addCleanup(self.browser.end)
        self.browser.open(f"http://{host.authority}/#k={host.secret}", dark=True, **NARROW)
        self.browser.fill(css="#phrase", **{"with": host.phrase})
        self.browser.press(key="Enter")
        self.browser.wait(css="nav")

    def fits(self):
        self.assertLessEqual(self.browser.overflow(), 0, self.browser.address())

    def carried(self):
        """Sends what was stated; until the page says that nothing of it waits."""
        self.browser.wait(css=".note.waiting")
        self.browser.click(role="button", name="Sync now")
        self.browser.gone(css=".note.waiting")

    def tab_to(self, words, presses_max=40):
        """Goes by the Tab key to what says `words`."""
        for _ in range(presses_max):
            self.browser.press(key="Tab")
            if words in self.browser.focused():
                return
        self.fail(f"no key reaches {words}")

    def make_team(self, name):
        self.browser.fill(label="Name of the team", **{"with": name})
        self.browser.click(role="button", name="Make the team")
        self.browser.wait(text=f"New team: \u2068{name}\u2069")
        self.fits()

    def demote_admin(self):
        """Another administrator takes the role from the first, who has not heard of it."""
        self.admin.call("member", name="Hana", places=[{"role": "administrator"}])
        invitation = self.admin.call("invite", member="Hana")["invitation"]
        self.admin.sync()
        hana = self.world.enrol("hana", invitation)
        hana.sync()
        hana.call("member", member=self.admin.member, name="Noor", places=[])
        hana.sync()
        return hana

    def add_person(self, name, **roles):
        """A person with a role in each team."""
        self.browser.click(role="link", name="People")
        self.browser.click(role="link", name="Add a person")
        self.browser.fill(label="Name", **{"with": name})
        for team, role in roles.items():
            self.browser.choose(label=team, **{"with": role})
        self.fits()
        self.browser.click(role="button", name="Add a person")

    def invite(self, picture):
        """The line on screen; its QR code goes into the file `picture`."""
        self.browser.click(role="link", name="Invite")
        self.browser.click(role="button", name="Make the invitation")
        self.browser.wait(css="svg[role=img]")
        self.fits()
        self.browser.shot(css="svg[role=img]", path=str(picture))
        line = self.browser.value(label="The same as one line")
        self.carried()
        return line

    def revoke_as_compromised(self, number):
        """By keys alone, from the list of replicas to the end."""
        self.browser.click(role="link", name="Replicas")
        self.browser.wait(text=number)
        self.fits()
        self.tab_to(f"Lost or stolen? {number}")
        self.browser.press(key="Enter")
        self.tab_to("We have it")
        self.assertEqual(self.browser.count(css="input[type=radio]:checked"), 0, "nothing is chosen beforehand")
        self.assertEqual(self.browser.count(css="button.danger"), 0, "nothing can be revoked before it was read")
        self.browser.press(key="ArrowDown")
        self.browser.wait(text="is parked")
        self.fits()
        self.tab_to(f"Revoke {number} as compromised")
        self.browser.press(key="Enter")
        self.browser.wait(text="What to do next")
        self.fits()
        self.carried()

    def roster_of(self, replica):
        replica.sync()
        return replica.call("roster")

    def test_from_team_to_lost_phone(self):
        """the administrator's app makes a team and a person, invites, and ends a lost phone; others hear it"""
        self.open_app()
        self.make_team("Night shift")
        self.add_person("Gita", **{"Harbour": "worker", "Night shift": "worker"})
        picture = Path(self.home.name) / "invitation.png"
        line = self.invite(picture)

        gita = Replica("gita", Path(self.home.name) / "gita")
        self.addCleanup(gita.close_quietly)
        gita.enrol(line)
        other = Replica("other", Path(self.home.name) / "other")
        self.refused("invitation_used", other.run, "enrol", "--from", str(picture))
        record = gita.capture("visit", team=self.team, date="2026-11-20", site_type="factory")
        gita.sync()
        self.browser.click(role="button", name="Back")
        self.browser.click(role="button", name="Back")
        self.browser.click(role="link", name="Sync")
        self.browser.click(role="button", name="Sync now")
        self.browser.wait(text="Received")
        self.revoke_as_compromised(f"{gita.id[:4]}-{gita.id[4:8]}".upper())

        roster = self.roster_of(self.dina)
        team = next(team["team"] for team in roster["teams"] if team["name"] == "Night shift")
        places = next(member["places"] for member in roster["members"] if member["name"] == "Gita")
        self.assertIn({"team": team, "role": "worker"}, places)
        replica = next(one for one in roster["replicas"] if one["replica"] == gita.id)
        self.assertEqual(replica["revoked"], "compromised")
        self.assertEqual(self.dina.value(record, "site_type"), "factory")
        self.assertEqual(gita.sync()["standing"], "compromised")
        self.assertEqual(self.browser.complaints(), [])

    def test_refused_statement(self):
        """what an administrator stated too late is refused by the server, and the app says so in words"""
        hana = self.demote_admin()
        self.server.stop()
        self.open_app()
        self.make_team("Night shift")
        self.server.start()
        self.browser.click(role="button", name="Sync now")
        self.browser.wait(text="A new team: this replica may no longer say that.")
        self.browser.wait(role="heading", name="Sync")
        self.fits()
        self.browser.click(role="button", name="I have read this")
        self.browser.gone(text="A new team")
        self.assertNotIn("Night shift", [team["name"] for team in self.roster_of(hana)["teams"]])
        self.assertEqual(self.browser.complaints(), [])
