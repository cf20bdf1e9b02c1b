"""axe finds nothing on a page of each kind, in either colour scheme."""
import pytest

from scripts.environment import NPM

KINDS = ["", "attention/", "attention/scaled-dot-product/", "notebooks/attention/scaled-dot-product/", "formulas/", "errata/",
         "contributing/", "terminology/", "source/", "self-test/"]
AXE = NPM / "node_modules" / "axe-core" / "axe.min.js"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, address, site, scheme):
    # bypass_csp: the policy of our pages would refuse the tester's own script.
    context = chromium.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900}, bypass_csp=True)
    page = context.new_page()
    found = []
    for path in KINDS:
        page.goto(address + path)
        page.add_script_tag(path=AXE)
        for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]:
            found.append(f"{path or 'home'}: {violation['id']} {len(violation['nodes'])}× {violation['nodes'][0]['html'][:120]} "
                         f"{violation['nodes'][0].get('failureSummary', '')[:200]!r}")
    context.close()
    assert found == []
