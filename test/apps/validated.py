"""The application of the script named by VALIDATED_SCRIPT, watched by wsgiref.validate on both sides."""
import os
import runpy
from wsgiref.validate import validator

application = validator(runpy.run_path(os.environ["VALIDATED_SCRIPT"], run_name="validated")["application"])
