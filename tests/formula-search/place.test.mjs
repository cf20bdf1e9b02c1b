/** The project may stand in a folder with a space and Chinese characters in its name. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("项目放在带空格和汉字的文件夹里也能运行", () => {
  const root = fileURLToPath(new URL("../../", import.meta.url)), copy = mkdtempSync(join(tmpdir(), "笔记 副本-"));
  try {
    const tests = "tests/formula-search";
    for (const name of ["docs/assets", tests]) cpSync(join(root, name), join(copy, name), { recursive: true });
    symlinkSync(join(root, ".cache"), join(copy, ".cache"), "junction");
    const run = (...args) => spawnSync(process.execPath, args, { cwd: join(copy, tests), encoding: "utf8", env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
    assert.match(run("evaluate.mjs", "corpus.jsonl", "queries-dev.jsonl").stdout, /"mrr"/);
    const done = run("--test", "contract.test.mjs");
    assert.equal(done.status, 0, done.stdout);
  } finally {
    rmSync(copy, { recursive: true });
  }
});
