"""What incidents and runs say in numbers: how long things took, how often, and how much of that is known at all.

Pure: values in, values out. A number is never made of a time that is missing, an impossible length is listed and not
dropped, and a mean is nowhere without how many it was made of and their median.
"""
