// An old address: go on to the new one, keeping what stands after ? and #.
location.replace(document.querySelector("link[rel=canonical]").href + location.search + location.hash);
