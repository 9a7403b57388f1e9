"""The GitHub Action: inputs in, `jiti ci` run, GitHub's own words out. Standard library only."""
