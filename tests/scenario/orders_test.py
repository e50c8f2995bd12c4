"""The same offline work, synced in every order of four replicas, ends in the same bytes."""

import shutil
from pathlib import Path

from world import Replica, Scenario, World, narrative, orders

NAMES = ("asha", "bela", "dina", "efua")


class AllOrders(Scenario):
    def test_twenty_four_orders(self):
        """twenty-four orders of syncing the same offline work give the same digest every time"""
        self.write_offline()
        self.world.close()
        origin, digests = self.world.folder, set()
        for number, order in enumerate(orders(NAMES, 24)):
            digests.add(self.sync_in(order, origin, number))
        self.assertEqual(len(digests), 1, "orders differ in what they leave")

    def write_offline(self):
        """Everybody shares a visit and a follow-up; then all four work on them without a network."""
        record = self.visit(self.asha, purposes=["monitoring"], confidentiality="internal")
        task = self.asha.capture("follow_up", kind="call_back")
        self.settle()
        for index, name in enumerate(NAMES):
            replica = self.world.replicas[name]
            replica.edit(record, site_type=("shelter", "factory", "labour_camp", "border_point")[index]
                         if index < 3 else "shelter",
                         narrative=narrative("fr", 500, index), confidentiality=("sensitive", "identity")[index % 2],
                         latitude_microdegrees=23810331 + index, longitude_microdegrees=90412521,
                         location_accuracy_m=20, location_source="gps")
            replica.call("add", record=record, field="purposes", value=("interview", "follow_up")[index % 2])
            replica.call("count", record=record, field="people_reached", by=index + 1)
            replica.call("note", record=record, field="notes", value={"text": narrative("id", 300, index)})
            replica.edit(task, is_closed=bool(index % 2))
            self.visit(replica, narrative=narrative("en", 400, index))
        self.asha.call("remove", record=record, field="purposes", value="monitoring")
        self.dina.call("review", record=record, step="start")
        self.dina.call("review", record=record, step="approve")
        self.efua.call("review", record=record, step="return", note="Who was asked?")

    def sync_in(self, order, origin, number):
        folder = Path(self.home.name) / f"order-{number}"
        shutil.copytree(origin, folder)
        world = World(folder)
        world.server.port = self.server.port
        for name in NAMES:
            replica = world.replicas[name] = Replica(name, folder / name)
            replica.id = self.world.replicas[name].id
        world.server.start()
        try:
            world.settle(*(world.replicas[name] for name in order), rounds=2)
            found = {name: world.replicas[name].digest() for name in NAMES}
            for name in NAMES:
                self.assertEqual(found[name], world.server.digest(world.replicas[name].id), (name, order))
            self.assertEqual(found["dina"], found["efua"], order)
            return tuple(found[name] for name in NAMES)
        finally:
            world.close()
            shutil.rmtree(folder)
