"""The measuring instrument: what the engine costs against code written by hand for the one job. See README.md."""
