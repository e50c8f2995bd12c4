import { expect, test } from "vitest";
import { readInteger, readMoney } from "./digits";

test("digits of any script are numbers", () => {
  expect(readInteger("١٢")).toBe(12);
  expect(readInteger("১২")).toBe(12);
  expect(readInteger("1,204")).toBe(1204);
  expect(readInteger("twelve")).toBeNull();
});

test("either separator parts the fraction", () => {
  expect(readMoney("1200.50")).toBe("1200.50");
  expect(readMoney("1.200,50")).toBe("1200.50");
  expect(readMoney("1,200.50")).toBe("1200.50");
  expect(readMoney("1,200")).toBe("1200");
  expect(readMoney("12,5")).toBe("12.5");
  expect(readMoney("١٢٠٠٫٥")).toBe("1200.5");
});

test("what is no amount is not taken for one", () => {
  expect(readMoney("-5")).toBeNull();
  expect(readMoney("about 5")).toBeNull();
  expect(readMoney("1.23456")).toBeNull();
});
