import http.client
import json
import signal
import socket

from app_host import AppHost, listening_at
from world import Scenario, programs


class Hosted(Scenario):
    def host(self, replica, *options):
        host = AppHost(replica, *options)
        self.addCleanup(host.kill)
        return host

    def test_work(self):
        """what is written in the app reaches the others by itself, and theirs reaches it"""
        theirs = self.visit(self.bela, site_name="Block 7")
        self.bela.sync()
        host = self.host(self.asha)
        self.assertEqual(host.admit(), 200)
        self.assertEqual(host.call("host")["locked"], True)
        self.assertEqual(host.call("list"), "store_locked")
        host.unlock()
        told = host.wait_for(lambda told: told["last_sync"])
        self.assertIsNone(told["last_sync"]["refusal"])
        self.assertEqual(host.call("show", record=theirs)["record"], theirs)
        made = host.call("capture", type="visit", fields={"date": "2026-11-23", "site_type": "farm"})
        # Nobody asks for a sync: a change that was written makes it due within seconds.
        host.wait_for(lambda told: host.call("status")["unsent"] == 0)
        self.dina.sync()
        self.assertEqual(self.dina.value(made["record"], "site_type"), "farm")
        self.assertEqual(host.end(), 0)
        self.assertEqual(self.asha.value(made["record"], "site_type"), "farm")
        self.clean(self.asha)

    def test_offline(self):
        """without a server everything else works, and the host says when it tries again"""
        self.server.stop()
        host = self.host(self.asha)
        host.admit()
        host.unlock()
        told = host.wait_for(lambda told: told["last_sync"])
        self.assertEqual(told["last_sync"]["refusal"]["code"], "unreachable")
        self.assertIn(told["next_sync_s"], range(1, 31))
        made = host.call("capture", type="visit", fields={"date": "2026-11-23", "site_type": "farm"})
        self.server.start()
        self.assertEqual(host.call("sync")["delivered"], 1)
        self.assertIsNone(host.call("host")["last_sync"]["refusal"])
        self.dina.sync()
        self.assertEqual(self.dina.value(made["record"], "site_type"), "farm")

    def test_killed(self):
        """a host that is killed has lost nothing it said was saved"""
        host = self.host(self.asha)
        for number in range(3):
            host.admit()
            host.unlock()
            made = host.call("capture", type="visit", draft=True,
                             fields={"date": "2026-11-23", "site_type": "farm", "site_name": f"Block {number}"})
            host.process.send_signal(signal.SIGKILL)
            host.wait()
            host = self.host(self.asha)
            host.admit()
            host.unlock()
            shown = host.call("show", record=made["record"])
            self.assertEqual(shown["fields"]["site_name"]["value"], f"Block {number}")
            host.another_link()

    def test_only_by_link(self):
        """without the link, with a used one, or from elsewhere, nobody gets anything"""
        host = self.host(self.asha)
        call = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "host", "params": {}})
        self.assertEqual(host.request("POST", "/call", call)[0], 401)
        self.assertEqual(host.admit("A" * 43), 401)
        first = host.secret
        host.another_link()
        self.assertEqual(host.admit(first), 401)
        self.assertEqual(host.admit(), 200)
        self.assertEqual(host.admit(), 401)
        self.assertEqual(host.request("POST", "/call", call)[0], 200)
        for changed in ({"Cookie": None}, {"Godwit_Token": None}, {"Godwit_Token": "A" * 43},
                        {"Cookie": "godwit=" + "A" * 43}, {"Cookie": "other=x"}):
            self.assertEqual(host.request("POST", "/call", call, **changed)[0], 401, changed)
        for changed in ({"Host": "localhost:%d" % host.port}, {"Host": "evil.example"}, {"Host": None},
                        {"Origin": "http://evil.example"}, {"Origin": None}, {"Origin": "null"},
                        {"Sec_Fetch_Site": "cross-site"}):
            status, headers, body = host.request("POST", "/call", call, **changed)
            self.assertIn(status, (400, 403), changed)
            self.assertNotIn(b"result", body)
        self.assertEqual(host.request("POST", "/call", call, Content_Type="text/plain")[0], 415)
        self.assertEqual(host.request("GET", "/call")[0], 404)
        self.assertEqual(host.request("GET", "/../key")[0], 404)
        # What was refused has closed nothing to the one who may.
        self.assertEqual(host.request("POST", "/call", call)[0], 200)

    def test_odd_requests(self):
        """requests out of form get nothing, and the host goes on"""
        host = self.host(self.asha)
        host.admit()
        for text in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 5000,
                     b"POST /call HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
                     b"POST /call HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", host.port), timeout=10) as caller:
                caller.sendall(text)
                caller.shutdown(socket.SHUT_WR)
                heard = b"".join(iter(lambda: caller.recv(65536), b""))
                self.assertNotIn(b" 200 ", heard, text[:40])
        self.assertEqual(host.request("POST", "/call", "", Content_Length=str(33 << 20))[0], 413)
        self.assertEqual(host.call("host")["locked"], True)

    def test_listens_here_only(self):
        """it listens on loopback and nowhere else, on both of its addresses"""
        host = self.host(self.asha)
        here, here_too = "0100007F", "00000000000000000000000001000000"
        listening = listening_at(host.port)
        self.assertIn(here, listening)
        self.assertLessEqual(listening, {here, here_too})
        if here_too in listening:
            own = f"[::1]:{host.port}"
            secret = json.dumps({"secret": "A" * 43})
            self.assertEqual(host.request("POST", "/session", secret, address="::1")[0], 403)
            self.assertEqual(host.request("POST", "/session", secret, address="::1", Host=own,
                                          Origin=f"http://{own}")[0], 401)

    def test_ends(self):
        """it ends when told, and the store is free again"""
        host = self.host(self.asha)
        host.admit()
        host.unlock()
        self.assertEqual(host.end(), 0)
        self.assertEqual(self.asha.call("status")["unsent"], 0)
        with self.assertRaises((ConnectionError, http.client.HTTPException)):
            host.request("GET", "/")
        with self.assertRaises(programs.Refused) as caught:
            programs.run_json([programs.binaries() / "godwit", "--store", self.bela.folder, "--json", "open",
                               "--port", str(self.server.port)])
        self.assertEqual(caught.exception.code, "usage")
