"""What is made of a release besides the program: the list of licences and the bill of materials.

Never shipped and never imported by the program.
"""
